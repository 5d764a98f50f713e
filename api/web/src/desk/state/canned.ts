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

/** Those for a draft that begins with a slash: the customer's language first, shortcuts before words of title and text. */
export function matching(text: string): Canned[] {
  const asked = /^\/(\S*)$/.exec(text)?.[1]?.toLowerCase();
  if (asked === undefined) return [];
  const rank = ({ shortcut, title, text: body, language }: Canned) => {
    const isForeign = language === item.value?.language ? 0 : 2;
    if (shortcut.toLowerCase().startsWith(asked)) return isForeign;
    return `${title}\n${body}`.toLowerCase().includes(asked) ? isForeign + 1 : null;
  };
  const ranked = replies.value.map((reply) => ({ reply, rank: rank(reply) })).filter(({ rank }) => rank !== null);
  return ranked.sort((a, b) => a.rank! - b.rank!).slice(0, N_SHOWN).map(({ reply }) => reply);
}

/** A text with the variables of the open conversation in it. */
export function fill(text: string): string {
  return filled(text, {
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
