/** The conversation as a text file for the customer's own records. */

import type { Conversation } from "./conversation";
import { h } from "./dom";
import type { Words } from "./words";

export function transcript(title: string, conversation: Conversation, words: Words): string {
  const stored = conversation.turns.flatMap(({ created_at, message, reply }) => {
    const options = (reply.options ?? []).map((option) => `  - ${option.title}`);
    return [`[${local(created_at)}] ${words.you}: ${message.text}`, `${words.assistant}: ${reply.text}`, ...options, ""];
  });
  const waiting = conversation.pending.map(
    ({ queued_at, text }) => `[${local(queued_at)}] ${words.you} (${words.undelivered}): ${text}`,
  );
  return [title, "", ...stored, ...waiting, ""].join("\n");
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
