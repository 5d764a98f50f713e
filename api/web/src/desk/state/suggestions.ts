/** At most three suggested replies to the customer's last message, and what the agent thinks of them. */

import { effect, signal } from "@preact/signals";
import * as api from "../api";
import type { Suggestion, Verdict } from "../values";
import { fill } from "./canned";
import { item, openId, openTurn } from "./conversation";

const N_SHOWN = 3; // what the desk shows without scrolling

export const suggestions = signal<Suggestion[]>([]);
export const isLoaded = signal(false);
/** The one that e and x mean: the first, until another is inserted or focused. */
export const current = signal(0);

let asked = "";

async function load(id: string, turnId: string): Promise<void> {
  asked = `${id} ${turnId}`;
  const now = asked;
  isLoaded.value = false;
  suggestions.value = [];
  current.value = 0;
  const path = `/v1/conversations/${encodeURIComponent(id)}/suggestions`;
  const found = await api.get<{ suggestions: Suggestion[] }>(path).catch(() => ({ suggestions: [] }));
  if (now !== asked) return; // the agent has gone on, or the customer
  suggestions.value = found.suggestions.slice(0, N_SHOWN).map((one) => ({ ...one, text: fill(one.text) }));
  isLoaded.value = true;
}

/** Load them whenever another message of the customer waits for an answer. */
export function followConversation(): () => void {
  return effect(() => {
    const [id, turnId, state] = [openId.value, openTurn.value?.turn_id, item.value?.state];
    if (!id || !turnId || !state || state === "closed") {
      asked = "";
      suggestions.value = [];
      isLoaded.value = false;
    } else if (asked !== `${id} ${turnId}`) void load(id, turnId);
  });
}

export function reject(index = current.value): void {
  const rejected = suggestions.value[index];
  if (!rejected) return;
  suggestions.value = suggestions.value.filter((suggestion) => suggestion !== rejected);
  current.value = Math.min(current.value, Math.max(0, suggestions.value.length - 1));
  judge(rejected, "rejected");
}

/** Tell the server what became of it; that it could not be told is no trouble of the agent's. */
export function judge({ suggestion_id }: Suggestion, verdict: Verdict, sentText?: string): void {
  const path = `/v1/desk/suggestions/${encodeURIComponent(suggestion_id)}/verdict`;
  void api.post(path, { verdict, ...(sentText ? { sent_text: sentText } : {}) }).catch(() => {});
}
