/** One question with its delivery and its reply, drawn once and then brought up to date in place. */

import { h, icon } from "./dom";
import { linked } from "./linked";
import type { Delivery, Option, Reply, Turn, Vote } from "./values";
import type { Words } from "./words";

export interface ExchangeActions {
  choose(option: Option): void;
  retry(): void;
  edit(messageId: string): void;
  vote(turnId: string, vote: Vote): Promise<boolean>;
  voteOn(turnId: string): Vote | undefined;
}

/** What is known of it now: a stored turn, or a message with its delivery. */
export type Known = Turn | { message: { message_id: string; text: string }; delivery: Delivery };

export class Exchange {
  readonly root: HTMLElement;
  readonly #delivery = h("div", { class: "delivery" });
  #drawn = ""; // the delivery that stands in #delivery: the live region must not say it twice
  #reply?: HTMLElement;

  constructor(
    known: Known,
    private readonly words: Words,
    private readonly actions: ExchangeActions,
  ) {
    const { message_id, text } = known.message;
    const bubble = h("div", { class: "bubble mine", dir: "auto" }, text);
    this.root = h("div", { class: "exchange", "data-message-id": message_id }, spoken(words.you), bubble, this.#delivery);
  }

  /** isLast: only the latest reply's options can still be chosen. */
  update(known: Known, isLast: boolean): void {
    const delivery = "delivery" in known ? known.delivery : "";
    if (delivery !== this.#drawn) {
      this.#drawn = delivery;
      this.#delivery.replaceChildren(...this.#deliveryLine(delivery, known.message.message_id));
      this.#delivery.classList.toggle("trouble", delivery === "failed" || delivery === "refused");
    }
    if ("reply" in known && known.reply.kind !== "silent" && !this.#reply) this.root.append((this.#reply = this.#replyOf(known)));
    for (const button of this.root.querySelectorAll<HTMLButtonElement>(".option")) button.disabled = !isLast;
  }

  #deliveryLine(delivery: Delivery | "", messageId: string): Node[] {
    const { words, actions } = this;
    const line = (text: string, button?: HTMLElement) => [h("span", {}, text), ...(button ? [button] : [])];
    if (delivery === "sending") return line(words.sending);
    if (delivery === "waiting") return line(words.waiting);
    if (delivery === "failed")
      return line(words.failed, h("button", { type: "button", onclick: () => actions.retry() }, icon("retry"), words.retry));
    if (delivery === "refused")
      return line(words.refused, h("button", { type: "button", onclick: () => actions.edit(messageId) }, words.edit));
    return [];
  }

  #replyOf({ turn_id, reply }: Turn): HTMLElement {
    return h(
      "div",
      { class: `reply ${reply.kind}` },
      spoken(this.words.assistant),
      h("div", { class: "bubble", dir: "auto" }, ...linked(reply.text)),
      this.#optionsOf(reply),
      reply.kind === "handoff" && h("p", { class: "notice" }, icon("human"), this.words.handoff),
      (reply.kind === "answer" || reply.kind === "action") && this.#votesOn(turn_id),
    );
  }

  #optionsOf(reply: Reply): HTMLElement | null {
    if (!reply.options?.length) return null;
    const buttons = reply.options.map((option) =>
      h("button", { type: "button", class: "option", dir: "auto", onclick: () => this.actions.choose(option) }, option.title),
    );
    return h("div", { class: "options", role: "group", "aria-label": this.words.choose }, ...buttons);
  }

  #votesOn(turnId: string): HTMLElement {
    const { words, actions } = this;
    const buttons = (["up", "down"] as const).map((vote) => {
      const label = vote === "up" ? words.helpful : words.unhelpful;
      const press = async () => {
        const before = actions.voteOn(turnId);
        show(vote);
        if (!(await actions.vote(turnId, vote))) show(before);
      };
      const pressed = String(actions.voteOn(turnId) === vote);
      const attributes = { type: "button", class: "vote", title: label, "aria-label": label, "aria-pressed": pressed };
      return h("button", { ...attributes, "data-vote": vote, onclick: press }, icon(vote === "up" ? "up" : "thumbDown"));
    });
    const show = (vote: Vote | undefined) =>
      buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.vote === vote)));
    return h("div", { class: "votes" }, ...buttons);
  }
}

/** Who speaks, for those who hear the log instead of seeing its sides. */
function spoken(who: string): HTMLElement {
  return h("span", { class: "spoken" }, `${who}: `);
}
