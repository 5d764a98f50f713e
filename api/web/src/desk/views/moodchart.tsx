/** The customer's mood over their messages: p_positive - p_negative, from -1 to 1; over all conversations where known. */

import { day, clock } from "../time";
import type { Conversation, Customer, Mood } from "../values";
import { words } from "../words";
import { MoodPoint } from "./mood";

const WIDTH = 240;
const HEIGHT = 84;
const SIDE = 10; // room for the first and the last shape
const N_SHOWN = 20; // the latest: more would touch each other
const CALM = 1 / 3; // of 1 on either side of 0

interface Felt {
  at: string;
  mood: number;
  label: Mood;
  isHere: boolean; // in the conversation that is open
}

export function MoodChart({ customer, opened }: { customer: Customer | null; opened?: Conversation }) {
  const w = words.value;
  const felt = moodsOf(customer, opened).slice(-N_SHOWN);
  if (!felt.length) return <p class="quiet">{w.moodNone}</p>;
  const step = (WIDTH - 2 * SIDE) / Math.max(1, felt.length - 1);
  const points = felt.map((one, i) => ({
    ...one,
    x: felt.length === 1 ? WIDTH / 2 : SIDE + i * step,
    y: HEIGHT / 2 - (one.mood * (HEIGHT - 2 * SIDE)) / 2,
  }));
  const begins = points.findIndex(({ isHere }) => isHere);
  const told = points.map(({ label }) => w.moods[label]).join("，");
  return (
    <figure class="mood-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${w.mood}: ${told}`}>
        <line class="zero" x1={0} x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
        {begins > 0 && <line class="begins" x1={points[begins].x - step / 2} x2={points[begins].x - step / 2} y1={0} y2={HEIGHT} />}
        <polyline class="trend" points={points.map(({ x, y }) => `${x},${y}`).join(" ")} />
        {points.map(({ x, y, label, at }) => (
          <g key={x}>
            <title>{`${day(at)} ${clock(at)} ${w.moods[label]}`}</title>
            <MoodPoint mood={label} x={x} y={y} size={11} />
          </g>
        ))}
      </svg>
      <figcaption aria-hidden="true">
        <span>{w.moods.positive}</span>
        <span>{w.moods.negative}</span>
      </figcaption>
    </figure>
  );
}

/** Earlier conversations from the customer's panel, this one from its entries: those are the newest. */
function moodsOf(customer: Customer | null, opened?: Conversation): Felt[] {
  const hereId = opened?.conversation.conversation_id;
  const earlier = (customer?.moods ?? []).filter(({ conversation_id }) => conversation_id !== hereId);
  const here = (opened?.entries ?? []).flatMap(({ turn, at }) => {
    if (!turn) return [];
    const { label, p } = turn.reading.sentiment;
    return { at, mood: p.positive - p.negative, label, isHere: true };
  });
  return [...earlier.map(({ at, mood }) => ({ at, mood, label: labelOf(mood), isHere: false })), ...here];
}

function labelOf(mood: number): Mood {
  return mood > CALM ? "positive" : mood < -CALM ? "negative" : "neutral";
}
