/** <huida-chat>: the launcher and the panel in a shadow root, wired to one conversation. */

import { Api } from "./api";
import { paint } from "./colours";
import { Conversation } from "./conversation";
import { h, icon } from "./dom";
import { Memory } from "../common/memory";
import { Panel } from "./panel";
import { isSheet, followViewport, holdPage, watchSheet } from "./sheet";
import { adopt } from "./style";
import { download, transcript } from "./transcript";
import type { Option, Vote } from "./values";
import { languageOf, type Words, WORDS } from "./words";

/**
 * Attributes: data-api, data-title, data-lang (zh, en, auto), data-color, data-starters (questions with | between),
 * data-customer-token (who is signed in to the shop, signed by its backend; it may come and go while the page stands).
 */
export class HuidaChat extends HTMLElement {
  static readonly observedAttributes = ["data-customer-token"];
  readonly #root = this.attachShadow({ mode: "open" });
  readonly #badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
  readonly #launcher = h("button", { type: "button", class: "launcher", "aria-controls": "panel", onclick: () => this.toggle() });
  readonly #status = h("p", { class: "spoken", role: "status" });
  #conversation!: Conversation;
  #session!: Memory; // whether it stands open, over the pages of one visit
  #panel!: Panel;
  #words!: Words;
  #nUnread = 0;
  #customer = "";
  #listening = new AbortController();

  connectedCallback(): void {
    const api = this.dataset.api ?? location.origin;
    this.#session = new Memory(() => sessionStorage, `huida:${api}:`);
    const memory = new Memory(() => localStorage, `huida:${api}:`);
    adopt(this.#root);
    this.#customer = this.#customerNow;
    const events = { changed: () => this.#panel?.update(this.#conversation), arrived: () => this.#arrived() };
    const calls = new Api(api, () => this.dataset.customerToken);
    this.#conversation = new Conversation(calls, memory, events, this.#customer);
    this.#root.append(this.#launcher, this.#status);
    this.#draw();
    this.#listen(memory);
    if (this.#session.get("open") && !isSheet()) this.open(false);
  }

  /** Somebody else has signed in, or out: another conversation. A fresh token of the same customer changes nothing. */
  attributeChangedCallback(): void {
    if (!this.isConnected || !this.#conversation || this.#customer === this.#customerNow) return;
    this.disconnectedCallback();
    this.#panel.composer.write(""); // what the one was writing is none of the other's
    this.connectedCallback();
  }

  disconnectedCallback(): void {
    this.close();
    this.#conversation.close();
    this.#listening.abort();
    this.#listening = new AbortController();
    this.#root.replaceChildren();
  }

  /** The token's first part, which says whose it is; the server checks what stands behind it. */
  get #customerNow(): string {
    return this.dataset.customerToken?.split(".")[0] ?? "";
  }

  get isOpen(): boolean {
    return !this.#panel.root.hidden;
  }

  /** takeFocus: false when the page was merely loaded again. */
  open(takeFocus = true): void {
    this.#panel.root.hidden = false;
    this.#session.set("open", true);
    this.#nUnread = 0;
    if (this.#conversation.history === "unread") void this.#conversation.restore();
    this.#conversation.shown(true);
    this.#show();
    this.#panel.log.toEnd();
    if (takeFocus) this.#panel.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    this.#panel.root.hidden = true;
    this.#session.remove("open");
    this.#conversation.shown(false);
    this.#show();
    this.#launcher.focus({ preventScroll: true });
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  /** Open the window and send `text` as the customer's message. */
  ask(text: string): void {
    this.open();
    this.#conversation.send(text);
  }

  /** Build the panel in the language of the moment; what was being written stays. */
  #draw(): void {
    const language = languageOf(this.dataset.lang);
    const former = this.#panel as Panel | undefined;
    this.#words = WORDS[language];
    this.lang = language === "zh" ? "zh-CN" : "en";
    const setting = (name: string) => this.dataset[name + (language === "zh" ? "Zh" : "En")] ?? this.dataset[name];
    const title = setting("title") ?? this.#words.title;
    const starters = (setting("starters") ?? "").split("|").filter((text) => text.trim());
    this.#panel = new Panel(this.#words, title, starters, isSheet, {
      send: (text) => this.#conversation.send(text),
      choose: (option) => this.#choose(option),
      retry: () => this.#conversation.resume(),
      reload: () => this.#conversation.resume(),
      edit: (messageId) => this.#edit(messageId),
      vote: (turnId, vote) => this.#vote(turnId, vote),
      voteOn: (turnId) => this.#conversation.voteOn(turnId),
      download: () => download(transcript(title, this.#conversation, this.#words)),
      typing: () => this.#conversation.typing(),
      rate: (score, comment) => this.#rate(score, comment),
      close: () => this.close(),
    });
    this.#panel.root.hidden = former?.root.hidden ?? true;
    if (former) this.#panel.composer.write(former.composer.field.value);
    former?.root.remove();
    this.#launcher.after(this.#panel.root);
    paint(this, this.dataset.color);
    this.#show();
  }

  #show(): void {
    const { isOpen } = this;
    const label = isOpen ? this.#words.close : this.#words.open;
    const unread = this.#nUnread ? `, ${this.#words.unread(this.#nUnread)}` : "";
    this.#launcher.replaceChildren(icon(isOpen ? "down" : "chat"), this.#badge);
    this.#launcher.setAttribute("aria-label", label + unread);
    this.#launcher.setAttribute("aria-expanded", String(isOpen));
    this.#badge.textContent = this.#nUnread > 9 ? "9+" : String(this.#nUnread);
    this.#badge.hidden = !this.#nUnread;
    this.toggleAttribute("data-open", isOpen);
    this.#panel.root.setAttribute("aria-modal", String(isSheet()));
    holdPage(isOpen && isSheet());
    this.#panel.update(this.#conversation);
  }

  #arrived(): void {
    if (this.isOpen) return;
    this.#nUnread += 1;
    this.#show();
    this.#status.textContent = this.#words.unread(this.#nUnread);
  }

  #choose({ title, faq_id }: Option): void {
    this.#panel.focus(); // the button that had it is about to be disabled
    this.#conversation.send(title, faq_id);
  }

  #edit(messageId: string): void {
    this.#panel.composer.write(this.#conversation.takeBack(messageId));
    this.#panel.composer.field.focus();
  }

  async #vote(turnId: string, vote: Vote): Promise<boolean> {
    const isSaved = await this.#conversation.vote(turnId, vote).then(() => true, () => false);
    this.#status.textContent = isSaved ? this.#words.voted : this.#words.voteFailed;
    return isSaved;
  }

  async #rate(score: number, comment: string): Promise<boolean> {
    const isSaved = await this.#conversation.rate(score, comment).then(() => true, () => false);
    this.#status.textContent = isSaved ? this.#words.rated : this.#words.voteFailed;
    return isSaved;
  }

  #listen(memory: Memory): void {
    const { signal } = this.#listening;
    const conversation = this.#conversation;
    const update = () => this.#panel.update(conversation);
    addEventListener("online", () => (update(), conversation.resume()), { signal });
    addEventListener("offline", update, { signal });
    document.addEventListener("visibilitychange", () => document.hidden || conversation.resume(), { signal });
    addEventListener(
      "storage",
      ({ key, newValue }) => {
        // another tab has had a message acknowledged
        if (memory.owns(key) && key!.includes(":pending.") && !newValue && conversation.history === "ready")
          void conversation.restore();
      },
      { signal },
    );
    const pageLanguage = new MutationObserver(() => this.#draw());
    pageLanguage.observe(document.documentElement, { attributeFilter: ["lang"] });
    signal.addEventListener("abort", () => pageLanguage.disconnect());
    watchSheet(() => this.#show(), signal);
    followViewport(this, signal);
  }
}
