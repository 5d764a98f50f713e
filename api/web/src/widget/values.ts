/** What goes over the wire, as DESIGN's HTTP contract names it, and what waits on this side of it. */

export interface Option {
  title: string;
  faq_id?: string | null;
}

/** silent: a person has the conversation, or is awaited; the assistant says nothing. */
export interface Reply {
  text: string;
  kind: "answer" | "clarify" | "action" | "handoff" | "smalltalk" | "silent";
  faq_id?: string | null;
  options?: Option[];
}

/** One exchange that the server has stored. `sequence` counts turns and posts of a conversation alike, from 1. */
export interface Turn {
  turn_id: string;
  sequence: number;
  message: { message_id: string; text: string };
  reply: Reply;
  created_at: string;
}

/** What an agent said, or what happened: joined, handed_back, transferred, closed, csat_asked, csat_given. */
export interface Post {
  sequence: number;
  kind: "agent" | "event";
  text: string;
  author?: string; // how the agent is called
  event?: string;
  at: string;
}

/** Who answers: the assistant, nobody yet, an agent; or the conversation is over until the next message. */
export type State = "bot" | "waiting" | "agent" | "closed";

/** How a conversation stands; `sequence` is the last entry's, shown or not. */
export interface Standing {
  state: State;
  agent?: { display_name: string };
  sequence: number;
  csat_asked: boolean;
}

/** A message that the server has not acknowledged yet. Its `message_id` stays the same over all tries. */
export interface Pending {
  message_id: string;
  text: string;
  faq_id?: string;
  queued_at: string;
  delivery: Delivery;
  n_tries: number;
}

/** sending: on its way · waiting: until the next try · failed: a person must retry · refused: never to be accepted */
export type Delivery = "sending" | "waiting" | "failed" | "refused";

export type Vote = "up" | "down";
