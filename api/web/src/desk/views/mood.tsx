/** A mood is told by shape and colour: a triangle down, a ring, a triangle up. Colours: Okabe and Ito's, safe for colour-blind eyes. */

import { percent } from "../time";
import type { Mood } from "../values";
import { words } from "../words";

const SHAPES: Record<Mood, string> = {
  negative: "M2 3.5h12L8 13z",
  neutral: "M8 12.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z",
  positive: "M2 12.5h12L8 3z",
};

interface MoodMarkProps {
  mood: Mood;
  p?: number; // its probability
}

export function MoodMark({ mood, p }: MoodMarkProps) {
  const said = words.value.moods[mood];
  return (
    <span class={`mood ${mood}`} title={p === undefined ? said : `${said} ${percent(p)}`}>
      <svg viewBox="0 0 16 16" role="img" aria-label={said}>
        <path d={SHAPES[mood]} />
      </svg>
    </span>
  );
}

/** The same shape inside a chart, `size` wide around a point. */
export function MoodPoint({ mood, x, y, size = 10 }: { mood: Mood; x: number; y: number; size?: number }) {
  const scale = size / 16;
  return <path class={`mood-point ${mood}`} d={SHAPES[mood]} transform={`translate(${x - size / 2} ${y - size / 2}) scale(${scale})`} />;
}
