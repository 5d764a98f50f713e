/** The keyboard: one letter does one thing while nothing is being written. */

import * as conversation from "./state/conversation";
import { edit, insert } from "./state/draft";
import * as queue from "./state/queue";
import { isSupervisor } from "./state/session";
import * as suggestions from "./state/suggestions";
import * as ui from "./state/ui";

export const FIELD = "reply-field";
export const SEND = "send-reply";

type Keys = Record<string, () => void>;

const EVERYWHERE: Keys = {
  "/": () => (ui.dialog.value = "search"),
  "?": () => (ui.dialog.value = "help"),
};

export const CONVERSATION: Keys = {
  j: () => step(1),
  k: () => step(-1),
  t: () => can("take") && void take(),
  r: () => can("release") && void conversation.change("release"),
  n: () => writeIn("notes"),
  Enter: () => writeIn("reply"),
  "1": () => insertNth(0),
  "2": () => insertNth(1),
  "3": () => insertNth(2),
  e: () => insertNth(suggestions.current.value) && focusField(),
  x: () => conversation.isMine.value && suggestions.reject(),
  d: () => draftLastAnswer(),
  i: () => (ui.isPanelOpen.value = !ui.isPanelOpen.value),
};

/** Listen to a page's keys until the returned function is called. */
export function listen(keys: Keys): () => void {
  const listener = (event: KeyboardEvent) => pressed(event, { ...EVERYWHERE, ...keys });
  document.addEventListener("keydown", listener);
  return () => document.removeEventListener("keydown", listener);
}

function pressed(event: KeyboardEvent, keys: Keys): void {
  if (event.isComposing || event.defaultPrevented || ui.dialog.value) return; // a dialog has its own keys
  const target = event.target as HTMLElement;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !writes(target)) return document.getElementById(SEND)?.click();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return target.blur();
  if (writes(target) || !ui.hasSingleKeys.value) return;
  // Enter presses what has the focus; on the line of the conversation that is open already it begins to write
  if (event.key === "Enter" && target.closest("button:not([aria-current=true]), a, summary, [role=option]")) return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function writes(target: HTMLElement): boolean {
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

/** Which of the actions on ownership fits the state of the conversation. */
export function can(action: "take" | "release" | "close" | "transfer"): boolean {
  const state = conversation.item.value?.state;
  if (!state) return false;
  if (action === "take") return state !== "agent";
  return conversation.isMine.value || state === "waiting" || (state === "agent" && isSupervisor());
}

export async function take(): Promise<void> {
  if (await conversation.change("take")) focusField();
}

/** At once where the field stands already: the next key is for it. */
export function focusField(): void {
  const focus = () => document.getElementById(FIELD)?.focus();
  focus();
  requestAnimationFrame(focus); // once it is drawn
}

function writeIn(mode: "reply" | "notes"): void {
  if (!conversation.item.value) return;
  edit({ mode });
  focusField();
}

function step(by: 1 | -1): void {
  const id = queue.neighbour(conversation.openId.value, by);
  if (id && id !== conversation.openId.value) void conversation.open(id);
}

function insertNth(n: number): boolean {
  const chosen = suggestions.suggestions.value[n];
  if (!chosen || !conversation.isMine.value) return false;
  suggestions.current.value = n;
  insert(chosen);
  return true;
}

/** The agent's last answer and the question that it answered, as the beginning of an FAQ entry. */
function draftLastAnswer(): void {
  const entries = conversation.opened.value?.entries ?? [];
  const answer = entries.findLast((entry) => entry.post?.role === "agent");
  if (answer) draftFrom(answer.sequence);
}

export function draftFrom(sequence: number): void {
  const entries = conversation.opened.value?.entries ?? [];
  const at = entries.findIndex((entry) => entry.sequence === sequence);
  const question = entries.slice(0, at).findLast((entry) => entry.turn)?.turn?.text ?? "";
  const answer = entries[at]?.post?.text ?? "";
  ui.dialog.value = { drafting: { conversation_id: conversation.openId.value!, sequence, question, answer } };
}
