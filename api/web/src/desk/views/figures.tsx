/** For supervisors: how long customers waited, who answered them, and how they liked it. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as api from "../api";
import { listen } from "../keys";
import { why } from "../state/notices";
import { day, lasting, number, percent } from "../time";
import type { Figures as Data, Times } from "../values";
import { words } from "../words";
import { Lines, ShareBar, Shares } from "./charts";
import { Empty } from "./empty";

const SPANS = [7, 14, 30];

const span = signal(SPANS[0]);
const data = signal<Data | null>(null);
const trouble = signal("");

async function load(days: number): Promise<void> {
  try {
    const loaded = await api.get<Data>(`/v1/desk/figures?days=${days}`);
    if (days === span.value) data.value = loaded;
    trouble.value = "";
  } catch (error) {
    trouble.value = error instanceof api.Problem && error.status === 403 ? words.value.noFigureAccess : why(error);
  }
}

export function Figures() {
  const w = words.value;
  useEffect(() => void load(span.value), [span.value]);
  useEffect(() => listen({}), []);
  const figures = data.value;
  return (
    <div class="sheet figures-sheet">
      <header class="sheet-head">
        <h1>{w.figures}</h1>
        <div class="spans" role="group" aria-label={w.figures}>
          {SPANS.map((days) => (
            <button key={days} type="button" aria-pressed={span.value === days} onClick={() => (span.value = days)}>
              {w.days(days)}
            </button>
          ))}
        </div>
      </header>
      {trouble.value && <Empty title={trouble.value} />}
      {!trouble.value && figures && <Whole figures={figures} />}
    </div>
  );
}

function Whole({ figures }: { figures: Data }) {
  const w = words.value;
  const { answered, csat, thumbs } = figures;
  const nMessages = answered.bot + answered.agent + answered.unanswered;
  if (!nMessages) return <Empty title={w.noFigures} />;
  const nThumbs = thumbs.up + thumbs.down;
  return (
    <>
      <dl class="tiles">
        <Tile name={w.waitTitle} value={duration(figures.waiting.p50_s)} more={spread(figures.waiting)} />
        <Tile name={w.firstReply} value={duration(figures.first_reply.p50_s)} more={spread(figures.first_reply)} />
        <Tile name={w.csatTitle} value={csat.mean === null ? "–" : `${number(csat.mean)} / 5`} more={csat.n ? w.ratings(csat.n) : w.noRatings} />
        <Tile name={w.thumbsTitle} value={nThumbs ? percent(thumbs.up / nThumbs) : "–"} more={w.thumbs(thumbs.up, thumbs.down)} />
      </dl>
      <section class="card">
        <h2>
          {w.sharesTitle} <small>{w.messages(nMessages)}</small>
        </h2>
        <ShareBar answered={answered} />
        <Shares label={w.sharesTitle} columns={figures.by_day.map((d) => ({ ...named(d.day), answered: d.answered }))} />
      </section>
      <section class="card">
        <h2>
          {w.waitTitle} <small>{w.waitMore}</small>
        </h2>
        <Waiting figures={figures} />
      </section>
      <div class="pair">
        <section class="card">
          <h2>{w.csatTitle}</h2>
          <Ratings scores={csat.scores} n={csat.n} />
        </section>
        <section class="card">
          <h2>{w.byAgent}</h2>
          <Agents figures={figures} />
        </section>
      </div>
    </>
  );
}

function Tile({ name, value, more }: { name: string; value: string; more: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        <small>{more}</small>
      </dd>
    </div>
  );
}

const MINUTE_STEPS = [60, 120, 240, 360, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

function Waiting({ figures }: { figures: Data }) {
  const w = words.value;
  const values = figures.by_day.map(({ waiting }) => [waiting.p50_s, waiting.p90_s]);
  const most = Math.max(0, ...values.flat().map((value) => value ?? 0));
  if (!most) return <p class="quiet">{w.waits(0)}</p>;
  const top = MINUTE_STEPS.find((nice) => nice >= most) ?? most;
  const columns = figures.by_day.map(({ day: d, waiting }, i) => ({
    ...named(d),
    title: `${day(d)}: ${w.p50} ${duration(waiting.p50_s)}, ${w.p90} ${duration(waiting.p90_s)}`,
    values: values[i],
  }));
  return (
    <>
      <p class="legend">
        <span>
          <svg class="key series-0" viewBox="0 0 12 12" aria-hidden="true">
            <circle cx={6} cy={6} r={4.5} />
          </svg>
          {w.p50}
        </span>
        <span>
          <svg class="key series-1" viewBox="0 0 12 12" aria-hidden="true">
            <rect x={1.5} y={1.5} width={9} height={9} />
          </svg>
          {w.p90}
        </span>
      </p>
      <Lines label={w.waitTitle} columns={columns} said={(s) => (s ? lasting(s) : "0")} ticks={[0, top / 2, top]} />
    </>
  );
}

function Ratings({ scores, n }: { scores: Record<string, number>; n: number }) {
  const w = words.value;
  if (!n) return <p class="quiet">{w.noRatings}</p>;
  return (
    <table class="ratings">
      {[5, 4, 3, 2, 1].map((score) => (
        <tr key={score}>
          <th scope="row">{score} ★</th>
          <td class="wide">
            <progress max={n} value={scores[score] ?? 0} aria-hidden="true" />
          </td>
          <td>{scores[score] ?? 0}</td>
        </tr>
      ))}
    </table>
  );
}

function Agents({ figures }: { figures: Data }) {
  const w = words.value;
  return (
    <table class="agents">
      <thead>
        <tr>
          <th scope="col">{w.agent}</th>
          <th scope="col">{w.nServed}</th>
          <th scope="col">{w.nReplies}</th>
          <th scope="col">{w.firstReply}</th>
          <th scope="col">{w.csatTitle}</th>
        </tr>
      </thead>
      <tbody>
        {figures.by_agent.map((agent) => (
          <tr key={agent.name}>
            <th scope="row">{agent.display_name}</th>
            <td>{agent.n_conversations}</td>
            <td>{agent.n_replies}</td>
            <td>{duration(agent.first_reply.p50_s)}</td>
            <td>{agent.csat.mean === null ? "–" : number(agent.csat.mean)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function named(instant: string) {
  const [, month, date] = instant.split("-");
  return { name: `${Number(month)}/${Number(date)}`, title: day(instant) };
}

const duration = (seconds: number | null) => (seconds === null ? "–" : lasting(seconds));
const spread = ({ n, p90_s }: Times) => `${words.value.p90} ${duration(p90_s)} · ${words.value.waits(n)}`;
