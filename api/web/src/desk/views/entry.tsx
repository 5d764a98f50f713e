/** One entry of a conversation: the customer on the left, the shop on the right, what happened in the middle. */

import { useState } from "preact/hooks";
import { pieces, LINK } from "../../common/links";
import { decisionName, intentName } from "../codes";
import { draftFrom } from "../keys";
import { reportWrong } from "../state/conversation";
import { type Outgoing, retry } from "../state/outbox";
import { clock, percent } from "../time";
import type { Entry, Post, Turn } from "../values";
import { words } from "../words";
import { eventName } from "../events";
import { MoodMark } from "./mood";
import { tagOf } from "./queue";

export function EntryView({ entry: { turn, post, at, sequence } }: { entry: Entry }) {
  if (turn) return <TurnView turn={turn} at={at} />;
  if (!post) return null;
  if (post.role === "system") return <p class="happened">{eventName(post)}<time dateTime={at}>{clock(at)}</time></p>;
  return <PostView post={post} at={at} sequence={sequence} />;
}

function TurnView({ turn, at }: { turn: Turn; at: string }) {
  const { text, reading, reply } = turn;
  const { label, p } = reading.sentiment;
  return (
    <div class="turn">
      <article class="said customer" aria-label={words.value.customer}>
        <Text text={text} lang={tagOf(reading.language)} />
        <footer>
          <MoodMark mood={label} p={p[label]} />
          <span>{words.value.moods[label]}</span>
          <span title={percent(reading.intent.p)}>{intentName(reading.intent.name)}</span>
          <time dateTime={at}>{clock(at)}</time>
        </footer>
      </article>
      {reply.kind !== "silent" && <BotReply turn={turn} />}
    </div>
  );
}

function BotReply({ turn: { turn_id, reply, reasons } }: { turn: Turn }) {
  const w = words.value;
  const [isReporting, setReporting] = useState(false);
  return (
    <article class="said bot" aria-label={w.bot}>
      <Text text={reply.text} />
      {reply.options && reply.options.length > 0 && (
        <ul class="options">
          {reply.options.map(({ title }) => (
            <li key={title}>{title}</li>
          ))}
        </ul>
      )}
      <footer>
        <span>{w.bot}</span>
        {reasons[0] && <span title={reasons.map(decisionName).join("，")}>{decisionName(reasons[0])}</span>}
        {!isReporting && (reply.kind === "answer" || reply.kind === "action") && (
          <button type="button" class="link-button" onClick={() => setReporting(true)}>
            {w.wrong}
          </button>
        )}
      </footer>
      {isReporting && <WrongForm turnId={turn_id} done={() => setReporting(false)} />}
    </article>
  );
}

function WrongForm({ turnId, done }: { turnId: string; done: () => void }) {
  const w = words.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const comment = new FormData(event.target as HTMLFormElement).get("comment") as string;
    void reportWrong(turnId, comment.trim());
    done();
  };
  return (
    <form class="wrong" onSubmit={submit}>
      <input name="comment" maxLength={500} placeholder={w.wrongAsk} aria-label={w.wrongAsk} ref={(field) => field?.focus()} />
      <button type="submit">{w.report}</button>
      <button type="button" onClick={done}>
        {w.cancel}
      </button>
    </form>
  );
}

function PostView({ post, at, sequence }: { post: Post; at: string; sequence: number }) {
  const w = words.value;
  return (
    <article class={`said ${post.role}`} aria-label={post.role === "note" ? w.note : w.agent}>
      <Text text={post.text} />
      <footer>
        {post.role === "note" && <b>{w.note}</b>}
        <span>{post.author_name}</span>
        <time dateTime={at}>{clock(at)}</time>
        {post.role === "agent" && (
          <button type="button" class="link-button" onClick={() => draftFrom(sequence)}>
            {w.draftIt}
          </button>
        )}
      </footer>
    </article>
  );
}

/** What was written and is on its way. */
export function Shadow({ message: { kind, text, state } }: { message: Outgoing }) {
  const w = words.value;
  return (
    <article class={`said shadow ${kind === "notes" ? "note" : "agent"}`}>
      <Text text={text} />
      <footer>
        {state === "sending" && <span>{w.sending}</span>}
        {state === "waiting" && <span>{w.waiting}</span>}
        {state === "failed" && (
          <span class="trouble">
            {w.notSent}
            <button type="button" class="link-button" onClick={retry}>
              {w.retry}
            </button>
          </span>
        )}
      </footer>
    </article>
  );
}

/** Text as it was written; addresses become links and nothing else becomes anything. */
export function Text({ text, lang }: { text: string; lang?: string }) {
  return (
    <p class="text" dir="auto" lang={lang}>
      {pieces(text).map((piece) =>
        typeof piece === "string" ? (
          piece
        ) : (
          <a href={piece.href} {...LINK}>
            {piece.href}
          </a>
        ),
      )}
    </p>
  );
}
