/** The list on the left: who needs a person most, and why. */

import { lasting, now, percent, when } from "../time";
import type { Filter, Item, Urgency } from "../values";
import { words, language } from "../words";
import * as conversation from "../state/conversation";
import * as queue from "../state/queue";
import { user } from "../state/session";
import { Empty } from "./empty";
import { MoodMark } from "./mood";

const FILTERS: Filter[] = ["open", "mine", "closed"];

export function Queue() {
  const w = words.value;
  const lines = queue.items.value;
  return (
    <section class="queue" aria-label={w.queue}>
      <div class="tabs" role="tablist" aria-label={w.queue}>
        {FILTERS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={queue.filter.value === name}
            aria-controls="queue-list"
            onClick={() => queue.choose(name)}
          >
            {w.filters[name]}
            {name === "open" && queue.nWaiting.value > 0 && queue.filter.value === "open" && (
              <span class="count" aria-hidden="true">
                {queue.nWaiting.value}
              </span>
            )}
          </button>
        ))}
      </div>
      <ul id="queue-list" class="lines">
        {lines.map((item) => (
          <Line key={item.conversation_id} item={item} />
        ))}
      </ul>
      {!lines.length && <Nothing />}
    </section>
  );
}

function Nothing() {
  const w = words.value;
  if (queue.hasFailed.value)
    return (
      <Empty title={w.unreachable}>
        <button type="button" onClick={queue.refresh}>
          {w.retry}
        </button>
      </Empty>
    );
  if (!queue.isLoaded.value) return <Empty title={w.loading} />;
  return <Empty title={w.queueEmpty[queue.filter.value]} more={w.queueEmptyMore[queue.filter.value]} />;
}

function Line({ item }: { item: Item }) {
  const w = words.value;
  const isOpen = item.conversation_id === conversation.openId.value;
  const { last } = item;
  return (
    <li>
      <button
        type="button"
        class={`line ${item.state} ${urgencyOf(item)}`}
        aria-current={isOpen}
        onClick={() => void conversation.open(item.conversation_id)}
      >
        <span class="line-top">
          <MoodMark mood={item.sentiment.label} p={item.sentiment.label === "negative" ? item.sentiment.p_negative : undefined} />
          <strong>{nameOf(item)}</strong>
          {last.at && <time dateTime={last.at}>{when(last.at)}</time>}
        </span>
        <span class="line-text" lang={tagOf(item.language)}>
          {w.senders[last.sender]}
          {last.text}
        </span>
        <span class="line-why">
          {reasonsOf(item).map((reason) => (
            <span key={reason.code} class={`reason ${reason.code}`}>
              {reason.said}
            </span>
          ))}
          {item.labels.map((label) => (
            <span key={label} class="label">
              {label}
            </span>
          ))}
          {item.n_unread > 0 && (
            <span class="unread" aria-label={w.unread(item.n_unread)}>
              {item.n_unread}
            </span>
          )}
        </span>
      </button>
    </li>
  );
}

export function nameOf(item: Item): string {
  return item.customer_id || `${words.value.visitor} ${item.conversation_id.slice(0, 4)}`;
}

export function tagOf(written: string): string | undefined {
  return written === "zh" ? "zh-CN" : written === "en" ? "en" : undefined;
}

export function ownerOf({ owner, owner_name }: Item): string {
  return owner === user.value?.name ? words.value.servedByMe : words.value.servedBy(owner_name || owner || "");
}

// of the sum that assistant/desk/urgency.py weighs: 2.75 is who has just asked for a person, 6 who has waited long
const HIGH = 4.5;
const MIDDLE = 2;

/** Three steps are what an eye tells apart along a list. */
function urgencyOf({ urgency }: Item): string {
  return urgency >= HIGH ? "high" : urgency >= MIDDLE ? "middle" : "low";
}

/** What the list says under a conversation: who has it, then why it stands where it does. */
function reasonsOf(item: Item): { code: string; said: string }[] {
  const owned = item.state === "agent" ? [{ code: "owned", said: ownerOf(item) }] : [];
  const isWaiting = item.state === "waiting"; // then it is not answered either, which need not be said twice
  const why = item.reasons.filter(({ code }) => !(isWaiting && code === "unanswered"));
  return [...owned, ...why.map((reason) => ({ code: reason.code, said: inWords(reason, item) }))];
}

function inWords({ code, value }: Urgency, { waiting_s, sentiment }: Item): string {
  const zh = language.value === "zh";
  const passed = Math.max(0, now.value - queue.fetchedAt.value) / 1000; // the clock ticks between two fetches
  const waited = lasting(waiting_s + passed);
  const mood = percent(sentiment.p_negative);
  const churn = percent((1 + value) / 2); // the value says how far it lies above one half
  const said: Record<string, string> = {
    asked_for_human: zh ? "要求人工" : "asked for a person",
    waiting: zh ? `已等 ${waited}` : `waiting ${waited}`,
    unanswered: waiting_s ? (zh ? `等回复 ${waited}` : `unanswered ${waited}`) : zh ? "未答上" : "unanswered",
    negative_mood: zh ? `不满 ${mood}` : `unhappy ${mood}`,
    churn_risk: zh ? `流失风险 ${churn}` : `churn risk ${churn}`,
    repeated_failure: zh ? "连续没答上" : "failed repeatedly",
  };
  return said[code] ?? code.replaceAll("_", " ");
}
