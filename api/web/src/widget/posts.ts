/** What stands between the exchanges: an agent's message under the agent's name, or what happened, in a line. */

import { h } from "./dom";
import { linked } from "./linked";
import type { Post } from "./values";
import type { Words } from "./words";

export function postOf({ kind, text, author, event }: Post, words: Words): HTMLElement {
  if (kind === "event") return h("p", { class: "notice happened" }, eventName(event, author, words));
  const name = author ?? words.agent;
  return h(
    "div",
    { class: "exchange agent" },
    h("div", { class: "name" }, name, h("span", { class: "spoken" }, ": ")),
    h("div", { class: "bubble", dir: "auto" }, ...linked(text)),
  );
}

/** In words; an event that a newer server knows says nothing here. */
export function eventName(event: string | undefined, author: string | undefined, words: Words): string {
  const name = author ?? words.agent;
  const said: Record<string, string> = {
    joined: words.joined(name),
    transferred: author ? words.joined(name) : words.transferred,
    handed_back: words.handedBack,
    closed: words.closed,
    csat_given: words.rated,
  };
  return said[event ?? ""] ?? "";
}
