/** The calls to the server. Each failure says whether the same request may succeed later. */

import type { Pending, Post, Standing, Turn, Vote } from "./values";

const TIMEOUT_MS = 30_000; // the server's own request_timeout_s
const LATER = new Set([408, 409, 425, 429]); // 409: the same message is being answered right now

const N_ENTRIES = 200; // the most that one page of the history has

/** What the history lists; a turn carries its message flat. */
type StoredTurn = Omit<Turn, "message" | "created_at"> & Turn["message"] & { kind: "turn"; at: string };
type Page = Standing & { entries: (StoredTurn | Post)[] };

/** What follows a sequence number: turns and posts, oldest first, and how the conversation stands after them. */
export interface News extends Standing {
  turns: Turn[];
  posts: Post[];
}

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
  constructor(
    private readonly base: string,
    private readonly token: () => string | undefined = () => undefined,
  ) {}

  /** With the shop's word on who the customer is; one that the server does not take (it has expired) is left out. */
  async chat(conversationId: string, message: Pending): Promise<Turn> {
    const { message_id, text, faq_id, queued_at } = message;
    const body = { conversation_id: conversationId, message_id, text, faq_id };
    const customer_token = this.token();
    const say = (said: object) => this.#call<Turn>("/v1/chat", said);
    const answer = await say({ ...body, customer_token }).catch((error) => {
      if (customer_token && error instanceof Refused && error.status === 403) return say(body);
      throw error;
    });
    if (typeof answer.reply?.text !== "string") throw new TryLater(); // a portal's page, not our server
    return { ...answer, message: { message_id, text }, created_at: answer.created_at ?? queued_at };
  }

  /** What is new after sequence number `after`; null when the server does not know the conversation. */
  async news(conversationId: string, after: number): Promise<News | null> {
    try {
      const { entries, ...standing } = await this.#call<Page>(`${this.#of(conversationId)}/entries?after=${after}`);
      const turns = entries.flatMap((entry) => (entry.kind === "turn" ? turnOf(entry) : []));
      const posts = entries.flatMap((entry) => (entry.kind === "turn" ? [] : entry));
      if (entries.length < N_ENTRIES) return { ...standing, turns, posts };
      const more = (await this.news(conversationId, entries[entries.length - 1].sequence))!;
      return { ...more, turns: [...turns, ...more.turns], posts: [...posts, ...more.posts] };
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    }
  }

  /** The address of the conversation's live channel. */
  events(conversationId: string): string {
    return `${this.base}${this.#of(conversationId)}/events`;
  }

  async typing(conversationId: string): Promise<void> {
    await this.#call(`${this.#of(conversationId)}/typing`, {});
  }

  async rate(conversationId: string, score: number, comment: string): Promise<void> {
    await this.#call(`${this.#of(conversationId)}/csat`, { score, comment });
  }

  async vote(conversationId: string, turnId: string, vote: Vote): Promise<void> {
    await this.#call("/v1/feedback", { conversation_id: conversationId, turn_id: turnId, vote });
  }

  #of(conversationId: string): string {
    return `/v1/conversations/${encodeURIComponent(conversationId)}`;
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
      if (answer.status === 204) return undefined as T;
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

function turnOf({ message_id, text, at, ...turn }: StoredTurn): Turn {
  return { ...turn, message: { message_id, text }, created_at: at };
}

/** Milliseconds until the instant that Retry-After names, in seconds or as a date; 0 when it names none. */
function retryAfter(headers: Headers): number {
  const value = headers.get("Retry-After") ?? "";
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms > 0 ? ms : 0;
}
