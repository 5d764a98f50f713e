/** What goes over the wire, as DESIGN's HTTP contract names it, and what waits on this side of it. */

export interface Option {
  title: string;
  faq_id?: string | null;
}

export interface Reply {
  text: string;
  kind: "answer" | "clarify" | "action" | "handoff" | "smalltalk";
  faq_id?: string | null;
  options?: Option[];
}

/** One exchange that the server has stored. `sequence` counts the turns of a conversation from 1. */
export interface Turn {
  turn_id: string;
  sequence: number;
  message: { message_id: string; text: string };
  reply: Reply;
  created_at: string;
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
