/** Short messages at the foot of the page: said once, gone after a while. */

import { signal } from "@preact/signals";
import { Problem } from "../api";
import { words } from "../words";

const SHOWN_MS = 6_000;

export interface Notice {
  id: number;
  text: string;
  isTrouble: boolean;
}

export const notices = signal<Notice[]>([]);
let nNotices = 0;

export function notify(text: string, isTrouble = false): void {
  const id = ++nNotices;
  notices.value = [...notices.value.filter((notice) => notice.text !== text), { id, text, isTrouble }];
  setTimeout(() => (notices.value = notices.value.filter((notice) => notice.id !== id)), SHOWN_MS);
}

/** Do it, and say so when the server refuses. Returns whether it was done. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    notify(why(error), true);
    return false;
  }
}

export function why(error: unknown): string {
  const { unreachable, failed } = words.value;
  return error instanceof Problem && error.status > 0 ? failed(error.message) : unreachable;
}
