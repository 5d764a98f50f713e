/** One customer's conversation as this browser knows it: what the server has by sequence, then what is still on its way. */

import { type Memory, newConversationId } from "../common/memory";
import { type Api, type News, TryLater } from "./api";
import { type Heard, Live } from "./live";
import { Outbox, pauseBefore } from "./outbox";
import type { Pending, Post, Standing, Turn, Vote } from "./values";

const N_RESTORE_TRIES = 3;
const TYPING_MS = 6_000; // how long one sign of typing counts; it is repeated while somebody writes
const TYPING_EVERY_MS = 3_000;

export type History = "unread" | "loading" | "ready" | "failed";

export interface ConversationEvents {
  changed(): void;
  arrived(): void;
}

export class Conversation {
  history: History;
  standing: Standing = { state: "bot", sequence: 0, csat_asked: false };
  isAgentTyping = false;
  readonly #turns = new Map<string, Turn>(); // by message id, so that a retry's answer finds its question
  readonly #posts = new Map<number, Post>(); // by sequence
  readonly #outbox: Outbox;
  readonly #live: Live;
  readonly #votes: Record<string, Vote>;
  #isOpen = false;
  #isCatchingUp = false;
  #wanted = 0; // the sequence number that the live channel told of
  #typingTimer = 0;
  #saidTypingAt = 0;

  /** customer: who is signed in to the shop, "" for nobody; another person's conversation is not taken up. */
  constructor(
    private readonly api: Api,
    private readonly memory: Memory,
    private readonly events: ConversationEvents,
    customer = "",
  ) {
    const former = memory.get<string>("customer");
    if (former && former !== customer) for (const key of ["customer", "conversation", "votes", "served"]) memory.remove(key);
    if (customer) memory.set("customer", customer);
    this.history = memory.get("conversation") ? "unread" : "ready";
    this.#votes = memory.get<Record<string, Vote>>("votes") ?? {};
    this.#live = new Live(() => api.events(this.#id()), (what) => this.#heard(what));
    this.#outbox = new Outbox(api, memory, () => this.#id(), {
      changed: () => (this.#settle(), events.changed()),
      acknowledged: (turn) => this.#acknowledged(turn),
    });
    if (this.pending.length || memory.get("served")) void this.restore();
  }

  /** Turns and posts in the order of the server. */
  get entries(): (Turn | Post)[] {
    return [...this.#turns.values(), ...this.#posts.values()].sort((a, b) => a.sequence - b.sequence);
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

  /** The window was opened or closed: while it is open, or a person is asked for, we listen for what is said. */
  shown(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#follow();
  }

  close(): void {
    this.#live.follow(false);
  }

  /** Fetch what the server has and return whether that went well; what of ours is among it needs no sending any more. */
  async restore(): Promise<boolean> {
    if (this.history === "loading") return false;
    let isDone = false;
    const first = this.history !== "ready";
    if (first) this.history = "loading";
    for (let nTries = 1; ; nTries++) {
      this.events.changed();
      try {
        this.#take(await this.api.news(this.#id(), this.standing.sequence));
        this.history = "ready";
        isDone = true;
        break;
      } catch (error) {
        const again = error instanceof TryLater && nTries < N_RESTORE_TRIES;
        if (again) await new Promise((resolve) => setTimeout(resolve, pauseBefore(nTries, error.afterMs)));
        else if (first) this.history = "failed";
        if (!again) break;
      }
    }
    this.#follow();
    this.events.changed();
    if (first && this.pending.length) this.#outbox.resume();
    return isDone;
  }

  /** Tell the agent that the customer writes. */
  typing(): void {
    if (this.standing.state !== "agent" || Date.now() - this.#saidTypingAt < TYPING_EVERY_MS) return;
    this.#saidTypingAt = Date.now();
    this.api.typing(this.#id()).catch(() => {}); // the next sign may get through
  }

  /** Raises TryLater or Refused when the server has not stored the rating. */
  async rate(score: number, comment: string): Promise<void> {
    await this.api.rate(this.#id(), score, comment);
    this.standing = { ...this.standing, csat_asked: false };
    this.events.changed();
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

  #follow(): void {
    const isServed = this.standing.state === "waiting" || this.standing.state === "agent";
    if (isServed) this.memory.set("served", true); // another page of the shop goes on listening
    else this.memory.remove("served");
    this.#live.follow(this.standing.sequence > 0 && (this.#isOpen || isServed));
  }

  #heard({ kind, sequence }: Heard): void {
    if (kind === "typing") return this.#agentTypes();
    this.#wanted = Math.max(this.#wanted, sequence);
    this.#settle();
  }

  /** Fetch what we were told of; while a message of ours is on its way that is most often its own turn. */
  #settle(): void {
    const isSending = this.pending.some(({ delivery }) => delivery === "sending");
    if (this.#wanted > this.standing.sequence && !isSending) void this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    if (this.#isCatchingUp || this.history !== "ready") return;
    this.#isCatchingUp = true;
    const isDone = await this.restore();
    this.#isCatchingUp = false;
    if (isDone) this.#settle(); // more may have come meanwhile
  }

  #take(news: News | null): void {
    if (!news) return;
    const { turns, posts, ...standing } = news;
    const isFirst = !this.standing.sequence;
    turns.forEach((turn) => {
      if (turn.reply.text && this.pending.some(({ message_id }) => message_id === turn.message.message_id)) this.events.arrived();
      this.#keep(turn);
    });
    const fresh = posts.filter((post) => !this.#posts.has(post.sequence));
    fresh.forEach((post) => this.#posts.set(post.sequence, post));
    const rated = [...this.#posts.values()].reduce((last, { event }) => (event?.startsWith("csat") ? event : last), "");
    this.standing = { ...standing, csat_asked: standing.csat_asked && rated !== "csat_given" };
    if (fresh.length) this.isAgentTyping = false;
    if (!isFirst) fresh.filter(({ kind }) => kind === "agent").forEach(() => this.events.arrived());
  }

  #agentTypes(): void {
    clearTimeout(this.#typingTimer);
    this.isAgentTyping = true;
    this.events.changed();
    this.#typingTimer = window.setTimeout(() => {
      this.isAgentTyping = false;
      this.events.changed();
    }, TYPING_MS);
  }

  #keep(turn: Turn): void {
    this.#turns.set(turn.message.message_id, turn);
    this.#outbox.remove(turn.message.message_id);
  }

  #acknowledged(turn: Turn): void {
    const { sequence } = this.standing;
    if (!this.#turns.has(turn.message.message_id) && turn.reply.text) this.events.arrived();
    this.#keep(turn);
    if (turn.sequence <= sequence) return; // the live channel was faster
    const isNext = turn.sequence === sequence + 1;
    if (isNext) this.standing = { ...this.standing, sequence: turn.sequence };
    // others wrote in between, or a person is asked for: catch up by sequence, never by time
    if (!isNext || turn.reply.kind === "handoff") void this.#catchUp();
    this.#follow();
    this.#settle();
  }
}
