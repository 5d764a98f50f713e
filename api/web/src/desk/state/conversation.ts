/** The open conversation: fetched whole once, then brought up to date by sequence number. */

import { computed, signal } from "@preact/signals";
import * as api from "../api";
import type { Conversation, Entry, Item } from "../values";
import { attempt, notify } from "./notices";
import * as queue from "./queue";
import { user } from "./session";
import { words } from "../words";

const TYPING_MS = 6_000; // the widget says it again every three seconds

export const openId = signal<string | null>(null);
export const opened = signal<Conversation | null>(null);
export const hasFailed = signal(false);
export const typingUntil = signal(0);

/** Its line of the queue where that is newer than what was fetched with it. */
export const item = computed<Item | null>(() => {
  const fetched = opened.value?.conversation;
  if (!fetched) return null;
  const listed = queue.items.value.find((line) => line.conversation_id === fetched.conversation_id);
  return listed && listed.sequence >= fetched.sequence ? listed : fetched;
});

export const isMine = computed(() => item.value?.state === "agent" && item.value.owner === user.value?.name);

/** The customer's message that waits for an answer: what suggestions are made for; null after an agent's reply. */
export const openTurn = computed(() => {
  const said = opened.value?.entries.findLast((entry) => entry.turn || entry.post?.role === "agent");
  return said?.turn ?? null;
});

export async function open(id: string): Promise<void> {
  if (id !== openId.value) {
    opened.value = null;
    typingUntil.value = 0;
  }
  openId.value = id;
  hasFailed.value = false;
  try {
    const fetched = await api.get<Conversation>(api.desk(id));
    if (id === openId.value) opened.value = { ...fetched, entries: merged(entriesOf(id), fetched.entries) };
    queue.refresh(); // it is read now
  } catch (error) {
    if (id === openId.value) hasFailed.value = true;
  }
}

export function shut(): void {
  openId.value = opened.value = null;
}

/** Fetch what follows the last entry that is here without a gap. */
export async function catchUp(): Promise<void> {
  const id = openId.value;
  if (!id || !opened.value) return;
  const after = nWithoutGap(opened.value.entries);
  const more = await api.get<Pick<Conversation, "conversation" | "entries">>(api.desk(id, `entries?after=${after}`));
  if (id === openId.value) add(more.entries, more.conversation);
}

/** Entries of the open conversation that the server has just told; `conversation` as it stands after them. */
export function add(entries: Entry[], conversation = opened.value!.conversation): void {
  if (!opened.value) return;
  if (entries.some((entry) => entry.turn)) typingUntil.value = 0;
  opened.value = { ...opened.value, conversation, entries: merged(opened.value.entries, entries) };
}

export function customerTypes(): void {
  typingUntil.value = Date.now() + TYPING_MS;
  setTimeout(() => Date.now() >= typingUntil.value && (typingUntil.value = 0), TYPING_MS + 50);
}

/** take, release, close, transfer or labels: done on the server, then shown as it stands there. */
export async function change(action: string, body: object = {}): Promise<boolean> {
  const id = openId.value;
  if (!id) return false;
  const isDone = await attempt(() => api.post(api.desk(id, action), body));
  queue.refresh();
  await catchUp().catch(() => {}); // it was done, and the live channel says so again
  return isDone;
}

export async function reportWrong(turnId: string, comment: string): Promise<void> {
  if (await attempt(() => api.post(`/v1/desk/turns/${encodeURIComponent(turnId)}/wrong`, { comment })))
    notify(words.value.wrongSaved);
}

function entriesOf(id: string): Entry[] {
  return opened.value?.conversation.conversation_id === id ? opened.value.entries : [];
}

function merged(known: Entry[], more: Entry[]): Entry[] {
  const bySequence = new Map([...known, ...more].map((entry) => [entry.sequence, entry]));
  return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
}

/** The sequence number up to which nothing is missing after the first entry that is here. */
function nWithoutGap(entries: Entry[]): number {
  let n = (entries[0]?.sequence ?? 1) - 1;
  for (const { sequence } of entries) {
    if (sequence !== n + 1) break;
    n = sequence;
  }
  return n;
}
