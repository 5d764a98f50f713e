/** What is being written, one draft for each conversation; kept over a reload and over an ended session. */

import { computed, signal } from "@preact/signals";
import { Memory } from "../../common/memory";
import type { Suggestion } from "../values";
import { openId } from "./conversation";

export interface Draft {
  mode: "reply" | "notes";
  text: string;
  suggestion: Suggestion | null; // the one that was inserted last
}

const EMPTY: Draft = { mode: "reply", text: "", suggestion: null };
const memory = new Memory(() => sessionStorage, "huida-desk:draft.");
const drafts = signal<Record<string, Draft>>({});

export const draft = computed(() => (openId.value ? draftOf(openId.value) : EMPTY));

export function draftOf(id: string): Draft {
  return drafts.value[id] ?? memory.get<Draft>(id) ?? EMPTY;
}

export function write(id: string, changed: Draft): void {
  drafts.value = { ...drafts.value, [id]: changed };
  if (changed.text) memory.set(id, changed);
  else memory.remove(id);
}

/** Change the draft of the open conversation. */
export function edit(changes: Partial<Draft>): void {
  if (openId.value) write(openId.value, { ...draft.value, ...changes });
}

/** A suggestion takes the place of the one before; what the agent wrote by hand stays above it. */
export function insert(suggestion: Suggestion): void {
  const { text, suggestion: former } = draft.value;
  const own = former && text.endsWith(former.text) ? text.slice(0, -former.text.length) : text && `${text.trimEnd()}\n`;
  edit({ mode: "reply", text: own + suggestion.text, suggestion });
}

const VARIABLE = /\{(customer_name|order_no|agent_name)\}/g;

/** The text with its variables filled in; what is not known stays in braces. */
export function filled(text: string, known: Record<string, string | null | undefined>): string {
  return text.replace(VARIABLE, (whole, name: string) => known[name] || whole);
}

/** The variables that nobody has filled in yet. */
export function unfilled(text: string): string[] {
  return [...new Set(text.match(VARIABLE) ?? [])];
}
