/** The question at the end: five stars as radio buttons, a line of one's own if one likes. */

import { h } from "./dom";
import type { Words } from "./words";

export interface RatingActions {
  rate(score: number, comment: string): Promise<boolean>;
}

const SCORES = [1, 2, 3, 4, 5];
const MAX_CHARS = 500;

export class Rating {
  readonly root: HTMLFormElement;
  readonly #comment: HTMLInputElement;
  readonly #more: HTMLElement;

  constructor(
    words: Words,
    private readonly actions: RatingActions,
  ) {
    const stars = SCORES.map((score) => {
      const label = words.stars(score);
      const radio = h("input", { type: "radio", name: "score", value: score, "aria-label": label, class: "spoken" });
      return h("label", { title: label }, radio, h("span", { "aria-hidden": "true" }, "☆"));
    });
    this.#comment = h("input", { type: "text", maxlength: MAX_CHARS, placeholder: words.ratingMore, "aria-label": words.ratingMore });
    this.#more = h("div", { class: "rating-more", hidden: true }, this.#comment, h("button", { type: "submit" }, words.submit));
    const group = h("fieldset", {}, h("legend", {}, words.ratingAsk), h("div", { class: "stars" }, ...stars));
    this.root = h("form", { class: "rating", hidden: true, onsubmit: (event: Event) => void this.#submit(event) }, group, this.#more);
    group.addEventListener("change", () => this.#chosen());
  }

  get #score(): number {
    return Number(new FormData(this.root).get("score"));
  }

  #chosen(): void {
    this.#more.hidden = false;
    this.#show(this.#score);
    this.root.scrollIntoView({ block: "nearest" });
  }

  #show(score: number): void {
    this.root.querySelectorAll("label").forEach((label, i) => {
      label.classList.toggle("full", i < score);
      label.lastElementChild!.textContent = i < score ? "★" : "☆";
    });
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!(await this.actions.rate(this.#score, this.#comment.value.trim()))) return; // the same form tries again
    this.root.reset();
    this.#show(0);
    this.#more.hidden = true;
  }
}
