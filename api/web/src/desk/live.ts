/** The live channel: server-sent events that say which conversation changed; lost connections are taken up where they ended. */

import { signal } from "@preact/signals";
import type { Change } from "./values";

const FIRST_PAUSE_MS = 500; // doubles with each try
const LONGEST_PAUSE_MS = 15_000;

export interface LiveEvents {
  changed(change: Change): void;
  /** The channel broke; an ordinary request finds out whether it was the network or the session. */
  lost(): void;
  /** The channel stands again; what happened meanwhile may be unknown. */
  returned(): void;
}

export const isLive = signal(true);

/** Follow the channel until the returned function is called. */
export function follow(url: string, events: LiveEvents): () => void {
  let source: EventSource | undefined;
  let timer = 0;
  let position = 0;
  let nTries = 0;
  let wasOpen = false;

  const open = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(position ? `${url}?after=${position}` : url);
    source.onopen = () => {
      nTries = 0;
      isLive.value = true;
      if (wasOpen) events.returned();
      wasOpen = true;
    };
    source.onmessage = ({ data }) => take(data as string);
    source.onerror = () => {
      // the browser's own retry gives up for good on any status but 200: try ourselves
      source!.close();
      isLive.value = false;
      events.lost();
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** nTries, LONGEST_PAUSE_MS);
      nTries += 1;
      timer = window.setTimeout(open, pause * (1 + Math.random() / 4)); // not all desks at once
    };
  };

  const take = (data: string) => {
    const change = JSON.parse(data) as Change;
    position = Math.max(position, change.position ?? 0);
    events.changed(change);
  };

  const now = () => isLive.value || open();
  addEventListener("online", now);
  open();
  return () => {
    removeEventListener("online", now);
    clearTimeout(timer);
    source?.close();
  };
}
