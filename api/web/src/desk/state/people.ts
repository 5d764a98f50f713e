/** Who works here, for transfers and for names beside what they did. */

import { signal } from "@preact/signals";
import * as api from "../api";
import type { User } from "../values";

export const colleagues = signal<User[]>([]);

export async function load(): Promise<void> {
  colleagues.value = (await api.get<{ users: User[] }>("/v1/desk/colleagues")).users;
}

/** How a user is called; the user name itself when they are not here any more. */
export function calledBy(name: string): string {
  return colleagues.value.find((user) => user.name === name)?.display_name ?? name;
}
