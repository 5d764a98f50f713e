/** What is shown beside the conversation: the page, the dialog, the customer's panel. */

import { effect, signal } from "@preact/signals";
import { memory } from "../words";

export type Page = "conversations" | "contacts" | "gaps" | "canned" | "figures";
export const PAGES: Page[] = ["conversations", "contacts", "gaps", "canned", "figures"];

/** A draft for the FAQ begins with a question and an answer, from a conversation or from a gap. */
export interface Drafting {
  conversation_id: string;
  sequence: number;
  question: string;
  answer: string;
}

export type Dialog = "help" | "search" | "password" | "close" | "transfer" | { drafting: Drafting };

const WIDE = matchMedia("(min-width: 1100px)"); // the same words stand in frame.css

export const page = signal<Page>(pageOf(location.hash));
export const dialog = signal<Dialog | null>(null);
export const isPanelOpen = signal(WIDE.matches);
export const hasSingleKeys = signal(memory.get<boolean>("single-keys") ?? true);

export const close = () => (dialog.value = null);

export function go(to: Page): void {
  page.value = to;
}

function pageOf(hash: string): Page {
  const name = hash.slice(1) as Page;
  return PAGES.includes(name) ? name : "conversations";
}

addEventListener("hashchange", () => (page.value = pageOf(location.hash)));
WIDE.addEventListener("change", () => (isPanelOpen.value = WIDE.matches));
effect(() => {
  // the page only: a conversation's id is the visitor's secret and stays out of the browser's history
  if (pageOf(location.hash) !== page.value) location.hash = page.value;
});
effect(() => memory.set("single-keys", hasSingleKeys.value));
