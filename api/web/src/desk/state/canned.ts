/** The canned replies of the shop, and which of them fit what was typed after the slash. */

import { signal } from "@preact/signals";
import * as api from "../api";
import type { Canned, Entity } from "../values";
import { item, opened } from "./conversation";
import { filled } from "./draft";
import { user } from "./session";

const N_SHOWN = 6;

export const replies = signal<Canned[]>([]);

export async function load(): Promise<void> {
  replies.value = (await api.get<{ replies: Canned[] }>("/v1/desk/canned")).replies;
}

/** Those for a draft that begins with a slash: the shortcut's beginning first, then words of title and text. */
export function matching(text: string): Canned[] {
  const asked = /^\/(\S*)$/.exec(text)?.[1]?.toLowerCase();
  if (asked === undefined) return [];
  const starts = replies.value.filter(({ shortcut }) => shortcut.toLowerCase().startsWith(asked));
  const holds = replies.value.filter(
    (reply) => !starts.includes(reply) && `${reply.title}\n${reply.text}`.toLowerCase().includes(asked),
  );
  return [...starts, ...holds].slice(0, N_SHOWN);
}

export function fill(reply: Canned): string {
  return filled(reply, {
    customer_name: item.value?.customer_id,
    order_no: lastOrderNo(),
    agent_name: user.value?.display_name,
  });
}

/** The order that the customer named last. */
function lastOrderNo(): string | undefined {
  const turns = opened.value?.entries.flatMap((entry) => entry.turn ?? []) ?? [];
  const named: Entity[] = turns.flatMap((turn) => turn.reading.entities);
  return named.findLast((entity) => entity.type === "order_no")?.value;
}

export async function save(reply: Canned): Promise<void> {
  const { shortcut, ...rest } = reply;
  await api.put(`/v1/desk/canned/${encodeURIComponent(shortcut)}`, rest);
  await load();
}

export async function remove({ shortcut }: Canned): Promise<void> {
  await api.remove(`/v1/desk/canned/${encodeURIComponent(shortcut)}`);
  await load();
}
