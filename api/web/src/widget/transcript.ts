/** The conversation as a text file for the customer's own records. */

import type { Conversation } from "./conversation";
import { h } from "./dom";
import { eventName } from "./posts";
import type { Post, Turn } from "./values";
import type { Words } from "./words";

export function transcript(title: string, conversation: Conversation, words: Words): string {
  const stored = conversation.entries.flatMap((entry) =>
    "reply" in entry ? exchange(entry, words) : posted(entry, words),
  );
  const waiting = conversation.pending.map(
    ({ queued_at, text }) => `[${local(queued_at)}] ${words.you} (${words.undelivered}): ${text}`,
  );
  return [title, "", ...stored, ...waiting, ""].join("\n");
}

function exchange({ created_at, message, reply }: Turn, words: Words): string[] {
  const options = (reply.options ?? []).map((option) => `  - ${option.title}`);
  const answer = reply.kind === "silent" ? [] : [`${words.assistant}: ${reply.text}`, ...options];
  return [`[${local(created_at)}] ${words.you}: ${message.text}`, ...answer, ""];
}

function posted({ kind, at, text, author, event }: Post, words: Words): string[] {
  if (kind === "agent") return [`[${local(at)}] ${author ?? words.agent}: ${text}`, ""];
  const happened = eventName(event, author, words);
  return happened ? [`[${local(at)}] * ${happened}`, ""] : [];
}

export function download(text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  h("a", { href: address, download: `chat-${local(new Date().toISOString()).slice(0, 10)}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // Safari reads it after the click has returned
}

/** YYYY-MM-DD HH:MM on the customer's own clock. */
function local(instant: string): string {
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16).replace("T", " ");
}
