/** The list of messages: welcome, exchanges in the order of their sequence, the typing dots. */

import type { Conversation, History } from "./conversation";
import { h } from "./dom";
import { Exchange, type ExchangeActions, type Known } from "./exchange";
import type { Words } from "./words";

export interface LogActions extends ExchangeActions {
  reload(): void;
}

export class Log {
  readonly root: HTMLElement;
  readonly #welcome: HTMLElement;
  readonly #notice = h("p", { class: "notice", hidden: true });
  readonly #list = h("div", { class: "exchanges" });
  readonly #typing = h("div", { class: "typing", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
  readonly #exchanges = new Map<string, Exchange>();
  #notified?: History;

  constructor(
    private readonly words: Words,
    starters: string[],
    private readonly actions: LogActions,
  ) {
    this.#welcome = welcomeOf(words, starters, actions);
    this.root = h(
      "div",
      { class: "log", role: "log", "aria-live": "polite", "aria-label": words.log, tabindex: "0" },
      this.#welcome,
      this.#notice,
      this.#list,
      this.#typing,
    );
  }

  /** Bring the list up to date; rows that stand already are left alone, so that a screen reader hears only what is new. */
  update(conversation: Conversation): void {
    const stored = conversation.turns;
    const waiting = conversation.pending.map((message) => ({ message, delivery: message.delivery }));
    const all: Known[] = [...stored, ...waiting];
    const isAtEnd = this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 80;
    const n = this.#exchanges.size;

    this.root.setAttribute("aria-busy", String(conversation.history === "loading")); // an old talk is not read out
    all.forEach((known, i) => this.#place(known, i, i === all.length - 1));
    this.#drop(new Set(all.map((known) => known.message.message_id)));
    this.#welcome.hidden = all.length > 0 || conversation.history !== "ready";
    this.#typing.hidden = !waiting.some(({ delivery }) => delivery === "sending");
    this.#notify(conversation);
    if (isAtEnd || this.#exchanges.size > n) this.toEnd();
  }

  toEnd(): void {
    this.root.scrollTop = this.root.scrollHeight;
  }

  #place(known: Known, at: number, isLast: boolean): void {
    const id = known.message.message_id;
    const exchange = this.#exchanges.get(id) ?? new Exchange(known, this.words, this.actions);
    this.#exchanges.set(id, exchange);
    exchange.update(known, isLast);
    const before = this.#list.children[at];
    if (before !== exchange.root) this.#list.insertBefore(exchange.root, before ?? null);
  }

  #drop(known: Set<string>): void {
    for (const [id, exchange] of this.#exchanges)
      if (!known.has(id)) {
        exchange.root.remove();
        this.#exchanges.delete(id);
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
