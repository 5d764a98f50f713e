/** The open window in one language: header, log, the way to a human, composer. */

import { Composer } from "./composer";
import type { Conversation } from "./conversation";
import { h, icon } from "./dom";
import { Log, type LogActions } from "./log";
import type { Words } from "./words";

export interface PanelActions extends LogActions {
  send(text: string): void;
  typing(): void;
  download(): void;
  close(): void;
}

export class Panel {
  readonly root: HTMLElement;
  readonly composer: Composer;
  readonly log: Log;
  readonly #offline: HTMLElement;
  readonly #download: HTMLButtonElement;
  readonly #subtitle: HTMLElement;
  readonly #human: HTMLElement;

  constructor(
    private readonly words: Words,
    title: string,
    starters: string[],
    isSheet: () => boolean,
    actions: PanelActions,
  ) {
    this.log = new Log(words, starters, actions);
    this.composer = new Composer(words, actions);
    this.#subtitle = h("p", { role: "status" });
    this.#offline = h("p", { class: "offline", role: "status", hidden: true }, words.offline);
    this.#download = tool("download", words.download, () => actions.download());
    const human = h("button", { type: "button", onclick: () => actions.send(words.human) }, icon("human"), words.human);
    this.#human = h("div", { class: "ways" }, human);
    this.root = h(
      "section",
      { id: "panel", class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: "-1", hidden: true },
      h(
        "div",
        { class: "head" }, // no <header>: a dialog is no landmark of the page
        h("div", { class: "names" }, h("h2", { id: "title" }, title), this.#subtitle),
        this.#download,
        tool("close", words.close, () => actions.close()),
      ),
      this.#offline,
      this.log.root,
      h("div", { class: "foot" }, this.#human, this.composer.root),
    );
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) {
        event.stopPropagation(); // the page's own dialogs stay open
        actions.close();
      }
      if (event.key === "Tab" && isSheet()) this.#keepInside(event);
    });
  }

  update(conversation: Conversation): void {
    const { state, agent } = conversation.standing;
    const { words } = this;
    const subtitle = agent ? words.servedBy(agent.display_name) : state === "waiting" ? words.waitingFor : words.subtitle;
    if (this.#subtitle.textContent !== subtitle) this.#subtitle.textContent = subtitle; // said once to a screen reader
    this.#human.hidden = state === "waiting" || state === "agent";
    this.#download.disabled = !conversation.entries.length && !conversation.pending.length;
    this.#offline.hidden = navigator.onLine;
    this.log.update(conversation); // last: it scrolls to its end, which what stands around it has moved
  }

  /** To the field, or on a touch screen, where that raises the keyboard over the messages, to the window itself. */
  focus(): void {
    const isTouch = matchMedia("(pointer: coarse)").matches;
    (isTouch ? this.root : this.composer.field).focus({ preventScroll: true });
  }

  #keepInside(event: KeyboardEvent): void {
    const candidates = this.root.querySelectorAll<HTMLElement>("button:enabled, a[href], textarea, [tabindex='0']");
    const stops = [...candidates].filter((element) => element.getClientRects().length);
    const [first, last] = [stops[0], stops[stops.length - 1]];
    const now = (this.root.getRootNode() as ShadowRoot).activeElement;
    const leaves = event.shiftKey ? now === first || now === this.root : now === last;
    if (!leaves) return;
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }
}

function tool(name: "download" | "close", label: string, onclick: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "tool", title: label, "aria-label": label, onclick }, icon(name));
}
