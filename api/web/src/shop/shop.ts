/** The language switch and who is signed in. The page holds both languages; the style sheet shows the one of <html lang>. */

import { bringChat } from "./customer";

const KEY = "qinghe:language";

function show(language: string): void {
  document.documentElement.lang = language;
  for (const button of document.querySelectorAll<HTMLElement>("[data-language]"))
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
}

/** ?lang= first, then the last choice, then the browser's own. */
function wanted(): string {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // storage is blocked: the browser's language will do
  }
  const tag = new URLSearchParams(location.search).get("lang") ?? kept ?? navigator.language;
  return tag.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest<HTMLElement>("[data-language]");
  if (!button) return;
  show(button.dataset.language!);
  try {
    localStorage.setItem(KEY, button.dataset.language!);
  } catch {
    // the choice holds for this page
  }
});

show(wanted());
void bringChat();
