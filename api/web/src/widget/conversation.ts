/** One customer's conversation as this browser knows it: the server's turns by sequence, then what is still on its way. */

import { type Api, TryLater } from "./api";
import { type Memory, newConversationId } from "../common/memory";
import { Outbox, pauseBefore } from "./outbox";
import type { Pending, Turn, Vote } from "./values";

const N_RESTORE_TRIES = 3;

export type History = "unread" | "loading" | "ready" | "failed";

export interface ConversationEvents {
  changed(): void;
  arrived(turn: Turn): void;
}

export class Conversation {
  history: History;
  readonly #turns = new Map<string, Turn>(); // by message id, so that a retry's answer finds its question
  readonly #outbox: Outbox;
  readonly #votes: Record<string, Vote>;

  constructor(
    private readonly api: Api,
    private readonly memory: Memory,
    private readonly events: ConversationEvents,
  ) {
    this.history = memory.get("conversation") ? "unread" : "ready";
    this.#votes = memory.get<Record<string, Vote>>("votes") ?? {};
    this.#outbox = new Outbox(api, memory, () => this.#id(), {
      changed: () => events.changed(),
      acknowledged: (turn) => this.#acknowledged(turn),
    });
    if (this.pending.length) void this.restore();
  }

  get turns(): Turn[] {
    return [...this.#turns.values()].sort((a, b) => a.sequence - b.sequence);
  }

  get pending(): readonly Pending[] {
    return this.#outbox.pending;
  }

  send(text: string, faqId?: string | null): void {
    this.#id(); // made with the first message, not by every visitor of the page
    this.#outbox.add(text, faqId);
  }

  resume(): void {
    if (this.history === "failed") void this.restore();
    else if (this.history === "ready") this.#outbox.resume();
  }

  /** The text of a refused message, which leaves the conversation. */
  takeBack(messageId: string): string {
    const text = this.#outbox.remove(messageId)?.text ?? "";
    this.events.changed();
    return text;
  }

  /** Fetch the server's turns; whatever of ours is among them needs no sending any more. */
  async restore(): Promise<void> {
    if (this.history === "loading") return;
    const first = this.history !== "ready";
    if (first) this.history = "loading";
    for (let nTries = 1; ; nTries++) {
      this.events.changed();
      try {
        for (const turn of await this.api.turns(this.#id(), this.#nWithoutGap())) this.#keep(turn);
        this.history = "ready";
        break;
      } catch (error) {
        const again = error instanceof TryLater && nTries < N_RESTORE_TRIES;
        if (again) await new Promise((resolve) => setTimeout(resolve, pauseBefore(nTries, error.afterMs)));
        else if (first) this.history = "failed";
        if (!again) break;
      }
    }
    this.events.changed();
    if (first && this.pending.length) this.#outbox.resume();
  }

  voteOn(turnId: string): Vote | undefined {
    return this.#votes[turnId];
  }

  /** Raises TryLater or Refused when the server has not stored the vote. */
  async vote(turnId: string, vote: Vote): Promise<void> {
    await this.api.vote(this.#id(), turnId, vote);
    this.#votes[turnId] = vote;
    this.memory.set("votes", this.#votes);
  }

  #id(): string {
    const known = this.memory.get<string>("conversation");
    if (known) return known;
    const made = newConversationId();
    this.memory.set("conversation", made);
    return made;
  }

  /** The sequence number up to which no turn is missing here. */
  #nWithoutGap(): number {
    const sequences = new Set(this.turns.map((turn) => turn.sequence));
    let n = 0;
    while (sequences.has(n + 1)) n += 1;
    return n;
  }

  #keep(turn: Turn): void {
    this.#turns.set(turn.message.message_id, turn);
    this.#outbox.remove(turn.message.message_id);
  }

  #acknowledged(turn: Turn): void {
    const last = Math.max(0, ...this.turns.map((known) => known.sequence));
    const isNew = !this.#turns.has(turn.message.message_id);
    this.#keep(turn);
    if (isNew) this.events.arrived(turn);
    // another tab wrote in between: catch up by sequence, never by time
    if (turn.sequence > last + 1 && this.history === "ready") void this.restore();
  }
}
