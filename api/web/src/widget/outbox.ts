/** Messages until the server has acknowledged them: kept over a reload, sent one after the other, retried as the same. */

import { type Api, Refused, TryLater } from "./api";
import { type Memory, newMessageId } from "../common/memory";
import type { Pending, Turn } from "./values";

const N_TRIES = 5; // with the pauses below about half a minute, then a person is asked
const FIRST_PAUSE_MS = 1_000; // doubles with each try
const LONGEST_PAUSE_MS = 300_000; // of what a server may ask for with Retry-After

export interface OutboxEvents {
  changed(): void;
  acknowledged(turn: Turn): void;
}

export class Outbox {
  readonly pending: Pending[];
  #delivering = false;
  #wake: () => void = () => {};

  constructor(
    private readonly api: Api,
    private readonly memory: Memory,
    private readonly conversationId: () => string,
    private readonly events: OutboxEvents,
  ) {
    const stored = memory.all<Pending>("pending.");
    stored.sort((a, b) => a.queued_at.localeCompare(b.queued_at));
    this.pending = stored.map((message) => ({ ...message, delivery: "waiting", n_tries: 0 }));
  }

  add(text: string, faqId?: string | null): void {
    const message: Pending = {
      message_id: newMessageId(),
      text,
      ...(faqId ? { faq_id: faqId } : {}),
      queued_at: new Date().toISOString(),
      delivery: "waiting",
      n_tries: 0,
    };
    this.memory.set(`pending.${message.message_id}`, message);
    this.pending.push(message);
    this.resume(); // older failures go first, so that the order of the questions stays
  }

  /** Try everything again at once: asked by a person, by the connection's return, or by a new message. */
  resume(): void {
    for (const message of this.pending) {
      if (message.delivery === "failed") message.delivery = "waiting";
      if (message.delivery === "waiting") message.n_tries = 0;
    }
    this.#wake();
    void this.#deliver();
  }

  /** Take a message out: it was acknowledged, or the customer takes a refused one back to change it. */
  remove(messageId: string): Pending | undefined {
    const at = this.pending.findIndex((message) => message.message_id === messageId);
    this.memory.remove(`pending.${messageId}`);
    return at < 0 ? undefined : this.pending.splice(at, 1)[0];
  }

  async #deliver(): Promise<void> {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next = this.#next(); next; next = this.#next()) await this.#try(next);
    this.#delivering = false;
    this.events.changed();
  }

  #next(): Pending | undefined {
    const first = this.pending.find((message) => message.delivery !== "refused");
    return first?.delivery === "failed" ? undefined : first;
  }

  async #try(message: Pending): Promise<void> {
    message.delivery = "sending";
    this.events.changed();
    try {
      const turn = await this.api.chat(this.conversationId(), message);
      this.remove(message.message_id);
      this.events.acknowledged(turn);
    } catch (error) {
      if (error instanceof Refused) {
        message.delivery = "refused";
        this.memory.remove(`pending.${message.message_id}`);
      } else if (error instanceof TryLater) {
        message.n_tries += 1;
        message.delivery = message.n_tries < N_TRIES ? "waiting" : "failed";
        this.events.changed();
        if (message.delivery === "waiting") await this.#pause(pauseBefore(message.n_tries, error.afterMs));
      } else throw error;
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => (clearTimeout(timer), resolve());
    });
  }
}

/** Exponential, with a quarter of jitter so that a shop's visitors do not come back all at once. */
export function pauseBefore(nTries: number, askedMs: number): number {
  const ms = Math.max(FIRST_PAUSE_MS * 2 ** (nTries - 1), askedMs);
  return Math.min(ms * (1 + Math.random() / 4), LONGEST_PAUSE_MS);
}
