/** The three calls to the server. Each failure says whether the same request may succeed later. */

import type { Pending, Turn, Vote } from "./values";

const TIMEOUT_MS = 30_000; // the server's own request_timeout_s
const LATER = new Set([408, 409, 425, 429]); // 409: the same message is being answered right now

const N_TURNS = 200; // the most that one page of the history may have

/** A turn as the history lists it. */
type StoredTurn = Omit<Turn, "message"> & Turn["message"];

/** The network or the server is not up to it now; `afterMs` is what Retry-After asked for. */
export class TryLater extends Error {
  constructor(readonly afterMs = 0) {
    super("try later");
  }
}

/** The server understood and says no: sending the same again changes nothing. */
export class Refused extends Error {
  constructor(readonly status: number) {
    super(`refused with ${status}`);
  }
}

export class Api {
  /** base: the server's origin, without a slash at the end. */
  constructor(private readonly base: string) {}

  async chat(conversationId: string, message: Pending): Promise<Turn> {
    const { message_id, text, faq_id, queued_at } = message;
    const answer = await this.#call<Turn>("/v1/chat", { conversation_id: conversationId, message_id, text, faq_id });
    if (typeof answer.reply?.text !== "string") throw new TryLater(); // a portal's page, not our server
    return { ...answer, message: { message_id, text }, created_at: answer.created_at ?? queued_at };
  }

  /** The stored turns that follow sequence number `after`; none when the server does not know the conversation. */
  async turns(conversationId: string, after: number): Promise<Turn[]> {
    const path = `/v1/conversations/${encodeURIComponent(conversationId)}/turns`;
    try {
      const { turns } = await this.#call<{ turns: StoredTurn[] }>(`${path}?after=${after}&limit=${N_TURNS}`);
      const page = turns.map(({ message_id, text, ...turn }) => ({ ...turn, message: { message_id, text } }));
      if (page.length < N_TURNS) return page;
      return [...page, ...(await this.turns(conversationId, page[page.length - 1].sequence))];
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return [];
      throw error;
    }
  }

  async vote(conversationId: string, turnId: string, vote: Vote): Promise<void> {
    await this.#call("/v1/feedback", { conversation_id: conversationId, turn_id: turnId, vote });
  }

  async #call<T>(path: string, body?: object): Promise<T> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    try {
      const answer = await fetch(this.base + path, {
        ...(body ? post : {}),
        credentials: "omit",
        cache: "no-store",
        signal: abort.signal,
      });
      if (answer.ok) return (await answer.json()) as T;
      if (answer.status >= 500 || LATER.has(answer.status)) throw new TryLater(retryAfter(answer.headers));
      throw new Refused(answer.status);
    } catch (error) {
      throw error instanceof Refused || error instanceof TryLater ? error : new TryLater();
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Milliseconds until the instant that Retry-After names, in seconds or as a date; 0 when it names none. */
function retryAfter(headers: Headers): number {
  const value = headers.get("Retry-After") ?? "";
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms > 0 ? ms : 0;
}
