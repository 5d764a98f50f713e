/** Small charts in SVG, drawn by hand: told apart by shape and texture as well as by colour. */

import { words } from "../words";
import type { Answered } from "../values";
import { percent } from "../time";

const WIDTH = 872; // of a card on a wide page, so that its letters have their true size there
const HEIGHT = 190;
const LEFT = 56; // room for the numbers of the axis
const BOTTOM = 24; // and for the days
const TOP = 10;

interface Column {
  name: string; // of the day
  title: string;
}

const step = (n: number) => (WIDTH - LEFT) / Math.max(1, n);
const middle = (i: number, n: number) => LEFT + step(n) * (i + 0.5);
const isNamed = (i: number, n: number) => (n - 1 - i) % Math.ceil(n / 15) === 0; // fifteen days have room for their names

function Days({ columns }: { columns: Column[] }) {
  return (
    <>
      {columns.map(
        ({ name }, i) =>
          isNamed(i, columns.length) && (
            <text key={i} class="axis" x={middle(i, columns.length)} y={HEIGHT - 6} text-anchor="middle">
              {name}
            </text>
          ),
      )}
    </>
  );
}

interface LinesProps {
  label: string;
  columns: (Column & { values: (number | null)[] })[]; // the same series in each
  said: (value: number) => string;
  ticks: number[]; // ascending, the last one is the top
}

/** Lines over days; the first series has round points, the second square ones. A day without a value leaves a gap. */
export function Lines({ label, columns, said, ticks }: LinesProps) {
  const top = ticks[ticks.length - 1];
  const y = (value: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * value) / top;
  const n = columns.length;
  const series = columns[0].values.map((_, s) =>
    columns.map(({ values }, i) => (values[s] === null ? null : { x: middle(i, n), y: y(values[s]), title: columns[i].title })),
  );
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={LEFT} x2={WIDTH} y1={y(tick)} y2={y(tick)} />
          <text class="axis" x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
            {said(tick)}
          </text>
        </g>
      ))}
      <Days columns={columns} />
      {series.map((points, s) => (
        <g key={s} class={`series series-${s}`}>
          {runs(points).map((run) => (
            <polyline key={run[0].x} points={run.map((point) => `${point.x},${point.y}`).join(" ")} />
          ))}
          {points.map(
            (point, i) =>
              point && (
                <g key={i}>
                  <title>{point.title}</title>
                  {s === 0 ? <circle cx={point.x} cy={point.y} r={4} /> : <rect x={point.x - 4} y={point.y - 4} width={8} height={8} />}
                </g>
              ),
          )}
        </g>
      ))}
    </svg>
  );
}

function runs<T>(points: (T | null)[]): T[][] {
  const found: T[][] = [[]];
  for (const point of points)
    if (point) found[found.length - 1].push(point);
    else if (found[found.length - 1].length) found.push([]);
  return found.filter((run) => run.length);
}

const KINDS = ["bot", "agent", "unanswered"] as const;

/** One bar a day, as high as its messages are many, divided by who answered. */
export function Shares({ label, columns }: { label: string; columns: (Column & { answered: Answered })[] }) {
  const n = columns.length;
  const total = ({ bot, agent, unanswered }: Answered) => bot + agent + unanswered;
  const top = niceAbove(Math.max(1, ...columns.map(({ answered }) => total(answered))));
  const height = (value: number) => ((HEIGHT - BOTTOM - TOP) * value) / top;
  const width = Math.min(40, step(n) * 0.62);
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <Textures />
      {[0, top / 2, top].map((tick) => (
        <g key={tick}>
          <line class="grid" x1={LEFT} x2={WIDTH} y1={HEIGHT - BOTTOM - height(tick)} y2={HEIGHT - BOTTOM - height(tick)} />
          <text class="axis" x={LEFT - 8} y={HEIGHT - BOTTOM - height(tick) + 4} text-anchor="end">
            {tick}
          </text>
        </g>
      ))}
      <Days columns={columns} />
      {columns.map(({ answered, title }, i) => {
        let y = HEIGHT - BOTTOM;
        return (
          <g key={i}>
            <title>{title}</title>
            {KINDS.map((kind) => {
              y -= height(answered[kind]);
              return answered[kind] > 0 && <rect key={kind} class={`share ${kind}`} x={middle(i, n) - width / 2} y={y} width={width} height={height(answered[kind])} />;
            })}
          </g>
        );
      })}
    </svg>
  );
}

/** One bar over the whole width, with its parts in words. */
export function ShareBar({ answered }: { answered: Answered }) {
  const w = words.value;
  const sum = Math.max(1, answered.bot + answered.agent + answered.unanswered);
  return (
    <figure class="share-bar">
      <div class="share-parts" aria-hidden="true">
        {KINDS.map((kind) => (
          <i key={kind} class={`part ${kind}`} style={{ flexGrow: answered[kind] }} />
        ))}
      </div>
      <figcaption>
        {KINDS.map((kind) => (
          <span key={kind}>
            <i class={`key part ${kind}`} aria-hidden="true" /> {w.answeredBy[kind]} <b>{percent(answered[kind] / sum)}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Textures() {
  return (
    <defs>
      <pattern id="hatched" width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatched-ground" width={6} height={6} />
        <line class="hatched-line" y2={6} />
      </pattern>
    </defs>
  );
}

const NICE = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10, 12];

/** A round number that is not far above; half of it is a whole number too. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return NICE.map((step) => step * power).find((nice) => nice >= value && nice % 2 === 0)!;
}
