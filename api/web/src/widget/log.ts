/** The list of messages: welcome, exchanges and posts in the order of their sequence, the rating, the typing dots. */

import type { Conversation, History } from "./conversation";
import { h } from "./dom";
import { Exchange, type ExchangeActions, type Known } from "./exchange";
import { postOf } from "./posts";
import { Rating, type RatingActions } from "./rating";
import type { Post } from "./values";
import type { Words } from "./words";

export interface LogActions extends ExchangeActions, RatingActions {
  reload(): void;
}

interface Row {
  root: HTMLElement;
  update(known: Known, isLast: boolean): void;
}

export class Log {
  readonly root: HTMLElement;
  readonly #welcome: HTMLElement;
  readonly #notice = h("p", { class: "notice", hidden: true });
  readonly #list = h("div", { class: "exchanges" });
  readonly #typing = h("div", { class: "typing", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
  readonly #rows = new Map<string, Row>();
  readonly #rating: Rating;
  #notified?: History;

  constructor(
    private readonly words: Words,
    starters: string[],
    private readonly actions: LogActions,
  ) {
    this.#welcome = welcomeOf(words, starters, actions);
    this.#rating = new Rating(words, actions);
    this.root = h(
      "div",
      { class: "log", role: "log", "aria-live": "polite", "aria-label": words.log, tabindex: "0" },
      this.#welcome,
      this.#notice,
      this.#list,
      this.#rating.root,
      this.#typing,
    );
  }

  /** Bring the list up to date; rows that stand already are left alone, so that a screen reader hears only what is new. */
  update(conversation: Conversation): void {
    const { entries, standing } = conversation;
    const waiting = conversation.pending.map((message) => ({ message, delivery: message.delivery }));
    const all: (Known | Post)[] = [...entries, ...waiting];
    const isAtEnd = this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 80;
    const n = this.#rows.size;
    const isServed = standing.state === "waiting" || standing.state === "agent"; // then the assistant says nothing

    this.root.setAttribute("aria-busy", String(conversation.history === "loading")); // an old talk is not read out
    all.forEach((known, i) => this.#place(known, i, i === all.length - 1));
    this.#drop(new Set(all.map(nameOf)));
    this.#welcome.hidden = all.length > 0 || conversation.history !== "ready";
    const isAnswering = !isServed && waiting.some(({ delivery }) => delivery === "sending");
    this.#typing.hidden = !isAnswering && !conversation.isAgentTyping;
    this.#rating.root.hidden = !standing.csat_asked;
    this.#notify(conversation);
    if (isAtEnd || this.#rows.size > n) this.toEnd();
  }

  toEnd(): void {
    this.root.scrollTop = this.root.scrollHeight;
  }

  #place(known: Known | Post, at: number, isLast: boolean): void {
    const name = nameOf(known);
    const row = this.#rows.get(name) ?? this.#rowOf(known);
    this.#rows.set(name, row);
    if ("message" in known) row.update(known, isLast);
    const before = this.#list.children[at];
    if (before !== row.root) this.#list.insertBefore(row.root, before ?? null);
  }

  #rowOf(known: Known | Post): Row {
    if ("message" in known) return new Exchange(known, this.words, this.actions);
    return { root: postOf(known, this.words), update() {} }; // what was posted does not change
  }

  #drop(known: Set<string>): void {
    for (const [name, row] of this.#rows)
      if (!known.has(name)) {
        row.root.remove();
        this.#rows.delete(name);
      }
  }

  #notify({ history }: Conversation): void {
    if (history === this.#notified) return; // the live region must not say it twice
    this.#notified = history;
    const { words, actions } = this;
    this.#notice.hidden = history !== "loading" && history !== "failed";
    if (history === "loading") this.#notice.replaceChildren(words.loading);
    if (history === "failed")
      this.#notice.replaceChildren(
        words.historyFailed,
        h("button", { type: "button", onclick: () => actions.reload() }, words.reload),
      );
  }
}

function nameOf(known: Known | Post): string {
  return "message" in known ? known.message.message_id : `#${known.sequence}`;
}

function welcomeOf(words: Words, starters: string[], actions: LogActions): HTMLElement {
  const buttons = starters.map((title) =>
    h("button", { type: "button", class: "option", onclick: () => actions.choose({ title }) }, title),
  );
  return h(
    "div",
    { class: "welcome" },
    h("p", { class: "hello" }, words.welcome),
    h("p", {}, words.welcomeMore),
    buttons.length > 0 && h("div", { class: "options", role: "group", "aria-label": words.starters }, ...buttons),
  );
}
