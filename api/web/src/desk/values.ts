/** What goes over the wire between the desk and the server, as /openapi.json describes it. */

export type Role = "agent" | "supervisor" | "admin";
export type State = "bot" | "waiting" | "agent" | "closed";
export type Mood = "negative" | "neutral" | "positive";
export type Sender = "customer" | "bot" | "agent";
export type Filter = "open" | "mine" | "closed";

export interface User {
  name: string;
  display_name: string;
  role: Role;
}

export interface Session {
  user: User;
  csrf: string;
  must_change_password: boolean;
}

/** Why a conversation stands where it does in the queue; `value` in [0, 1] says how strongly. */
export interface Urgency {
  code: string;
  value: number;
}

/** One line of the queue. */
export interface Item {
  conversation_id: string;
  state: State;
  owner: string | null;
  owner_name: string | null;
  customer_id: string | null;
  language: string;
  urgency: number;
  reasons: Urgency[];
  waiting_s: number;
  sentiment: { label: Mood; p_negative: number };
  last: { sender: Sender; text: string; at: string | null };
  n_unread: number;
  sequence: number;
  labels: string[];
}

export interface OpenHours {
  open: boolean;
  until?: string | null;
  next?: string | null;
}

export interface Queue {
  conversations: Item[];
  open_hours: OpenHours;
}

export interface Entity {
  type: string;
  value: string;
  start?: number;
  end?: number;
}

export interface Reading {
  language: string;
  sentiment: { label: Mood; p: Record<Mood, number> };
  intent: { name: string; p: number };
  entities: Entity[];
}

export interface Reply {
  text: string;
  kind: "answer" | "clarify" | "action" | "handoff" | "smalltalk" | "silent";
  faq_id?: string | null;
  options?: { title: string }[];
}

/** A customer's message with its reading and the bot's reply. */
export interface Turn {
  turn_id: string;
  text: string;
  message_id: string;
  reading: Reading;
  reply: Reply;
  outcome: string;
  reasons: string[];
  hits: { faq_id: string; question: string; answer: string; p_correct: number }[];
}

/** What is said or happens beside turns. */
export interface Post {
  post_id: string;
  role: "agent" | "note" | "system";
  author: string; // a user name; empty when the bot or the customer made the event
  author_name: string;
  text: string;
  event: string;
  data: Record<string, unknown>;
  message_id: string | null;
}

/** `sequence` counts turns and posts of a conversation alike, from 1. */
export interface Entry {
  sequence: number;
  kind: "turn" | "post";
  at: string;
  turn?: Turn | null;
  post?: Post | null;
}

export interface Order {
  order_no: string;
  status: string;
  items: string[];
  amount_cny: number;
  ordered_at: string;
  carrier: string;
  tracking_no: string;
}

/** How one message felt: p_positive - p_negative, in [-1, 1]. */
export interface MoodPoint {
  at: string;
  mood: number;
  conversation_id: string;
}

export interface Profile {
  n_turns: number;
  first_contact_at: string | null;
  last_contact_at: string | null;
  mood: number;
  usual_mood: number;
  sentiment_trend: "improving" | "steady" | "declining";
  n_intents: Record<string, number>;
  open_issues: { conversation_id: string; intent: string; kind: string; since_at: string }[];
}

/** What the purchases say; `reasons` are log odds, above 0 for leaving, the largest first. */
export interface Score {
  as_of: string;
  p_churn: number;
  horizon_days: number;
  spend_cny: number;
  expected_spend_cny: number;
  /** A key such as "loyal"; empty until customers are segmented. */
  segment: string;
  segment_zh: string;
  segment_en: string;
  /** Products that they will likeliest buy next, the best first. */
  offers: string[];
  /** Of the products that they never bought the likeliest, the best first. */
  new_offers: string[];
  reasons: Urgency[];
}

/** Another id of the same person, and how much is held under it alone. */
export interface OtherId {
  customer_id: string;
  because: "phone" | "email" | "";
  n_turns: number;
  n_orders: number;
}

export interface Customer {
  customer_id: string;
  also: OtherId[];
  profile: Profile;
  orders: Order[];
  moods: MoodPoint[];
  score: Score | null;
}

export interface Summary {
  sentences: string[];
  entities: Entity[];
  open_question: string | null;
}

export interface Conversation {
  conversation: Item;
  entries: Entry[];
  customer: Customer | null;
  summary: Summary | null;
}

export interface Suggestion {
  suggestion_id: string;
  text: string;
  title: string;
  source: "faq" | "canned" | "agent";
  source_id: string;
  p: number;
}

export type Verdict = "accepted" | "edited" | "rejected";

export interface Canned {
  shortcut: string;
  title: string;
  text: string;
  language: string;
  labels: string[];
}

export interface Found {
  conversation_id: string;
  sequence: number;
  text: string;
  at: string;
  sender: Sender;
}

/** A question that nothing answered; `conversation_id` and `sequence` are of the message that stands for its group. */
export interface Gap {
  gap_id: string;
  question: string;
  language: string;
  n_conversations: number;
  conversation_id: string;
  sequence: number;
  examples: string[];
  draft: { question: string; answer: string } | null;
  duplicate_of: string | null;
}

export interface Draft {
  draft_id: string;
  conversation_id: string;
  question: string;
  answer: string;
  language: string;
  state: "open" | "published" | "discarded";
  author: string;
  created_at: string;
}

/** One line of the live channel: something changed in a conversation. */
export interface Change {
  position: number;
  conversation_id: string | null;
  kind: "turn" | "post" | "note" | "state" | "typing" | "ready";
  sequence: number;
}

/** Seconds that half of the cases, and nine in ten, stayed within. */
export interface Times {
  n: number;
  p50_s: number | null;
  p90_s: number | null;
}

/** Customer messages by who answered them. */
export interface Answered {
  bot: number;
  agent: number;
  unanswered: number;
}

export interface Figures {
  days: number;
  waiting: Times;
  first_reply: Times;
  answered: Answered;
  csat: { n: number; mean: number | null; scores: Record<string, number> };
  thumbs: { up: number; down: number };
  by_day: { day: string; waiting: Times; answered: Answered }[];
  by_agent: { name: string; display_name: string; n_conversations: number; n_replies: number; first_reply: Times; csat: { n: number; mean: number | null } }[];
}

export type Step = "settle_complaint" | "answer_question" | "call" | "win_back";

/** One cause of a loss in the server's words; `about` are the intents that these name by code. */
export interface Why {
  cause: "complaint" | "question" | "mood" | "risk";
  p_loss: number;
  zh: string;
  en: string;
  about: string[];
}

/** Somebody to contact today. `value_is_known` is false where the shop's usual value stands in for want of purchases. */
export interface Contact {
  customer_id: string;
  step: Step;
  at_stake_cny: number;
  p_loss: number;
  value_cny: number;
  value_is_known: boolean;
  reasons: Why[];
}

export interface Contacts {
  /** The day of the scores; null until customers are scored. */
  scored_as_of: string | null;
  customers: Contact[];
}
