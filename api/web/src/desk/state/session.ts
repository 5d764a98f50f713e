/** Who sits at this desk, from GET /v1/session; the page shows the sign-in form to everybody else. */

import { signal } from "@preact/signals";
import * as api from "../api";
import type { Session, User } from "../values";

/** asking: not known yet · out: nobody · expired: somebody was until now · unreachable: the server does not answer · in */
export type Phase = "asking" | "out" | "expired" | "unreachable" | "in";

export const phase = signal<Phase>("asking");
export const user = signal<User | null>(null);

/** Somebody else drew the password: the server lets nobody further before it is changed for one's own. */
export const mustChangePassword = signal(false);

/** The password of this sign-in while it is to be changed: nobody has to type it a second time. */
export const typedPassword = signal<string | null>(null);

export const isSupervisor = () => user.value?.role === "supervisor" || user.value?.role === "admin";

export async function resume(): Promise<void> {
  try {
    enter(await api.get<Session>("/v1/session"));
  } catch (error) {
    phase.value = error instanceof api.Problem && error.isPassing ? "unreachable" : "out";
  }
}

/** Raises api.Problem: 401 for a wrong name or password, 429 after too many tries. */
export async function signIn(name: string, password: string): Promise<void> {
  const session = await api.post<Session>("/v1/session", { name, password });
  typedPassword.value = session.must_change_password ? password : null;
  enter(session);
}

export async function signOut(): Promise<void> {
  await api.remove("/v1/session").catch(() => {}); // gone already
  leave("out");
}

/** Raises api.Problem when the old password is wrong or the new one too short. */
export async function changePassword(old: string, changed: string): Promise<void> {
  enter(await api.post<Session>("/v1/session/password", { old, new: changed }));
  typedPassword.value = null;
}

function enter({ user: known, csrf, must_change_password }: Session): void {
  api.useToken(csrf);
  mustChangePassword.value = must_change_password;
  user.value = known;
  phase.value = "in";
}

function leave(to: "out" | "expired"): void {
  user.value = typedPassword.value = null;
  phase.value = to;
}

api.whenSignedOut(() => phase.value === "in" && leave("expired"));
