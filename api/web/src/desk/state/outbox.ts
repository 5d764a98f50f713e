/** Replies and notes until the server has stored them: sent one after the other, retried under the same message id. */

import { signal } from "@preact/signals";
import * as api from "../api";
import { newMessageId } from "../../common/memory";
import type { Entry } from "../values";
import { words } from "../words";
import { add, catchUp, openId } from "./conversation";
import { draftOf, write } from "./draft";
import { notify, why } from "./notices";
import * as queue from "./queue";

const N_TRIES = 5;
const FIRST_PAUSE_MS = 1_000; // doubles with each try

export interface Outgoing {
  message_id: string;
  conversation_id: string;
  kind: "reply" | "notes";
  text: string;
  suggestion_id?: string;
  state: "sending" | "waiting" | "failed";
}

export const outgoing = signal<Outgoing[]>([]);
let isBusy = false;

export function send(conversationId: string, kind: Outgoing["kind"], text: string, suggestionId?: string): void {
  const message: Outgoing = {
    message_id: newMessageId(),
    conversation_id: conversationId,
    kind,
    text,
    ...(suggestionId ? { suggestion_id: suggestionId } : {}),
    state: "sending",
  };
  outgoing.value = [...outgoing.value, message];
  void deliver();
}

export function retry(): void {
  outgoing.value = outgoing.value.map((message) => ({ ...message, state: "sending" }));
  void deliver();
}

async function deliver(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  for (let next = outgoing.value[0]; next && next.state !== "failed"; next = outgoing.value[0]) await deliverOne(next);
  isBusy = false;
}

async function deliverOne(message: Outgoing): Promise<void> {
  const { message_id, conversation_id, kind, text, suggestion_id } = message;
  for (let nTries = 1; ; nTries++) {
    try {
      const body = { message_id, text, ...(suggestion_id ? { suggestion_id } : {}) };
      const { post } = await api.post<{ post: Entry }>(api.desk(conversation_id, kind), body);
      if (conversation_id === openId.value) add([post]);
      return drop(message_id);
    } catch (error) {
      const passes = error instanceof api.Problem && error.isPassing;
      if (!passes) return refuse(message, error);
      mark(message_id, nTries < N_TRIES ? "waiting" : "failed");
      if (nTries >= N_TRIES) return;
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (nTries - 1)));
      mark(message_id, "sending");
    }
  }
}

/** The server will never take it: the text goes back to where it was written, and the agent hears why. */
function refuse(message: Outgoing, error: unknown): void {
  drop(message.message_id);
  const draft = draftOf(message.conversation_id);
  write(message.conversation_id, { ...draft, text: [message.text, draft.text].filter(Boolean).join("\n") });
  notify(error instanceof api.Problem && error.status === 409 ? words.value.notYours : why(error), true);
  queue.refresh();
  void catchUp().catch(() => {});
}

function mark(messageId: string, state: Outgoing["state"]): void {
  outgoing.value = outgoing.value.map((message) => (message.message_id === messageId ? { ...message, state } : message));
}

function drop(messageId: string): void {
  outgoing.value = outgoing.value.filter((message) => message.message_id !== messageId);
}
