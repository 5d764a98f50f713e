/** The conversations of the desk, most urgent first as the server sorts them. */

import { computed, signal } from "@preact/signals";
import * as api from "../api";
import type { Filter, Item, OpenHours, Queue } from "../values";

const LEAST_GAP_MS = 600; // from one fetch to the next: a list that jumps more often cannot be read
const SHARE = 2; // and so many times what the last one took, so that many desks do not drown a busy server

export const filter = signal<Filter>("open");
export const items = signal<Item[]>([]);
export const openHours = signal<OpenHours | null>(null);
export const isLoaded = signal(false);
export const hasFailed = signal(false);
export const fetchedAt = signal(Date.now());

export const nWaiting = computed(() => items.value.filter((item) => item.state === "waiting").length);

let timer = 0;
let notBefore = 0;
let wanted = false;
let isBusy = false;

/** Fetch the queue soon; many wishes in a short time are one fetch. */
export function refresh(): void {
  wanted = true;
  if (isBusy || timer) return;
  timer = window.setTimeout(() => ((timer = 0), void fetchNow()), Math.max(0, notBefore - Date.now()));
}

export function choose(next: Filter): void {
  if (next === filter.value) return;
  filter.value = next;
  isLoaded.value = false;
  items.value = [];
  notBefore = 0;
  refresh();
}

async function fetchNow(): Promise<void> {
  isBusy = true;
  wanted = false;
  const asked = filter.value;
  const began = Date.now();
  try {
    const queue = await api.get<Queue>(`/v1/desk/queue?state=${asked}`);
    if (asked === filter.value) take(queue);
    hasFailed.value = false;
  } catch {
    hasFailed.value = true;
  }
  isBusy = false;
  notBefore = began + Math.max(LEAST_GAP_MS, SHARE * (Date.now() - began));
  if (wanted || asked !== filter.value) refresh();
}

function take(queue: Queue): void {
  items.value = queue.conversations;
  openHours.value = queue.open_hours;
  isLoaded.value = true;
  fetchedAt.value = Date.now();
}

/** The conversation `step` places after `id`, or the first when `id` is not in the list. */
export function neighbour(id: string | null, step: 1 | -1): string | null {
  const ids = items.value.map((item) => item.conversation_id);
  const at = id ? ids.indexOf(id) : -1;
  if (at < 0) return ids[0] ?? null;
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
}
