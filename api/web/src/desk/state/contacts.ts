/** Whom to contact today, as the server ranks them, and the panel of the one that is chosen. */

import { computed, signal } from "@preact/signals";
import * as api from "../api";
import type { Contact, Contacts, Customer } from "../values";
import { notify, why } from "./notices";

const N_SHOWN = 50; // more than a shift can call

export const list = signal<Contacts | null>(null);
export const trouble = signal("");
export const chosenId = signal<string | null>(null);
/** What is known of the chosen one; null while it is on its way. */
export const customer = signal<Customer | null>(null);

export const chosen = computed<Contact | null>(
  () => list.value?.customers.find(({ customer_id }) => customer_id === chosenId.value) ?? null,
);

export async function load(): Promise<void> {
  try {
    list.value = await api.get<Contacts>(`/v1/customers/next?n=${N_SHOWN}`);
    trouble.value = "";
    if (chosenId.value && !chosen.value) choose(null); // somebody is in touch with them by now
  } catch (error) {
    trouble.value = why(error);
  }
}

let opening: Promise<void> = Promise.resolve();

/** Show somebody's panel, or nobody's. */
export function choose(id: string | null): void {
  if (id === chosenId.value) return;
  chosenId.value = id;
  customer.value = null;
  if (id) opening = open(id);
}

/** The chosen one once they are known: a key may come before the server's answer. */
export async function whenKnown(): Promise<Customer | null> {
  await opening;
  return customer.value;
}

async function open(id: string): Promise<void> {
  try {
    const found = await api.get<Customer>(`/v1/desk/customers/${encodeURIComponent(id)}`);
    if (id === chosenId.value) customer.value = found;
  } catch (error) {
    if (id !== chosenId.value) return;
    chosenId.value = null;
    notify(why(error), true);
  }
}

export function step(by: 1 | -1): void {
  const ids = (list.value?.customers ?? []).map(({ customer_id }) => customer_id);
  const at = chosenId.value ? ids.indexOf(chosenId.value) : -1;
  const next = at < 0 ? ids[0] : ids[Math.min(ids.length - 1, Math.max(0, at + by))];
  if (next) choose(next);
}

/** The conversation in which to get in touch: that of the latest open issue, else the latest of all. */
export function conversationOf({ profile, moods }: Customer): string | null {
  return profile.open_issues.at(-1)?.conversation_id ?? moods.at(-1)?.conversation_id ?? null;
}
