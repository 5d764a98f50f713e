/**
 * One script tag brings the chat to a page:
 *
 *     <script src="https://HOST/widget.js" data-title="My shop" data-lang="auto" data-color="#2f6b4f" async></script>
 *
 * Its data-* attributes become those of <huida-chat> (see element.ts). Any element of the page with
 * data-huida-ask="a question" opens the chat and asks it; scripts call document.querySelector("huida-chat").ask("...").
 */

import { HuidaChat } from "./element";

const script = document.currentScript as HTMLScriptElement | null;

function begin(): void {
  customElements.define("huida-chat", HuidaChat);
  const chat = document.createElement("huida-chat") as HuidaChat;
  Object.assign(chat.dataset, script?.dataset);
  chat.dataset.api ??= script ? new URL(".", script.src).href : location.origin;
  chat.dataset.api = chat.dataset.api.replace(/\/$/, "");
  document.body.append(chat);
  document.addEventListener("click", ({ target }) => {
    const asking = target instanceof Element && target.closest<HTMLElement>("[data-huida-ask]");
    if (asking) chat.ask(asking.dataset.huidaAsk!);
  });
}

// a second script tag on the same page is a mistake, not a second chat
if (!customElements.get("huida-chat")) {
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
}
