/** Where the customer writes: grows with the text; Enter sends, Shift+Enter breaks the line, an input method is left alone. */

import { h, icon } from "./dom";
import type { Words } from "./words";

const MAX_CHARS = 2_000; // the server's max_text_chars

export class Composer {
  readonly root: HTMLElement;
  readonly field: HTMLTextAreaElement;
  readonly #send: HTMLButtonElement;

  constructor(
    words: Words,
    private readonly actions: { send(text: string): void; typing(): void },
  ) {
    this.field = h("textarea", {
      rows: 1,
      maxlength: MAX_CHARS,
      placeholder: words.placeholder,
      "aria-label": words.composer,
      enterkeyhint: "send",
      autocomplete: "off",
      onkeydown: (event: KeyboardEvent) => this.#key(event),
      oninput: () => (this.#fit(), this.field.value.trim() && actions.typing()),
    });
    this.#send = h("button", { type: "submit", class: "send", title: words.send, "aria-label": words.send }, icon("send"));
    this.root = h("form", { class: "composer", onsubmit: (event: Event) => this.#submit(event) }, this.field, this.#send);
    this.#fit();
  }

  write(text: string): void {
    this.field.value = text;
    this.#fit();
  }

  #key(event: KeyboardEvent): void {
    // 229: Safari ends the composition before this keydown, and says so only by this code
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.#submit(event);
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) return;
    this.write("");
    this.actions.send(text);
  }

  #fit(): void {
    this.#send.classList.toggle("idle", !this.field.value.trim());
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${this.field.scrollHeight}px`; // the style sheet caps it
  }
}
