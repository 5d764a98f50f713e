/** The middle of the page: the open conversation from its head to the box for the reply. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import * as conversation from "../state/conversation";
import { outgoing } from "../state/outbox";
import { day, now } from "../time";
import type { Entry } from "../values";
import { words } from "../words";
import { Composer } from "./composer";
import { Empty } from "./empty";
import { EntryView, Shadow } from "./entry";
import { Icon } from "./icon";
import { SuggestionBar } from "./suggestions";
import { HandOver } from "./handover";
import { TalkHead } from "./talkhead";

const NEAR_END_PX = 120;

export function Talk() {
  const w = words.value;
  const { opened, openId, hasFailed } = conversation;
  if (!openId.value)
    return (
      <section class="talk nowhere">
        <Empty title={w.nothingOpen} more={w.nothingOpenMore} />
      </section>
    );
  if (hasFailed.value) return <Failed id={openId.value} />;
  if (!opened.value)
    return (
      <section class="talk">
        <Empty title={w.loading} />
      </section>
    );
  return (
    <section class="talk" aria-label={w.log}>
      <TalkHead />
      <HandOver key={`summary ${openId.value}`} />
      <Log />
      <SuggestionBar />
      <Composer key={openId.value} />
    </section>
  );
}

function Failed({ id }: { id: string }) {
  return (
    <section class="talk">
      <Empty title={words.value.unreachable}>
        <button type="button" onClick={() => void conversation.open(id)}>
          {words.value.retry}
        </button>
        <button type="button" onClick={conversation.shut}>
          {words.value.goBack}
        </button>
      </Empty>
    </section>
  );
}

function Log() {
  const w = words.value;
  const { entries } = conversation.opened.value!;
  const id = conversation.openId.value!;
  const mine = outgoing.value.filter((message) => message.conversation_id === id);
  const [element, isBehind, toEnd] = useEnd(id, entries.length + mine.length);
  return (
    <div class="log-frame">
      <div class="log" ref={element} role="log" aria-label={w.log} aria-live="polite" tabIndex={0}>
        {entries.map((entry, i) => (
          <>
            {isNewDay(entries[i - 1], entry) && (
              <p key={`day ${entry.sequence}`} class="day">
                {day(entry.at)}
              </p>
            )}
            <EntryView key={entry.sequence} entry={entry} />
          </>
        ))}
        {mine.map((message) => (
          <Shadow key={message.message_id} message={message} />
        ))}
        {conversation.typingUntil.value > now.value - 1e5 && conversation.typingUntil.value > 0 && (
          <p class="typing">
            <i /> <i /> <i /> {w.typing}
          </p>
        )}
      </div>
      {isBehind && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon name="down" /> {w.newMessages}
        </button>
      )}
    </div>
  );
}

/** Keep the end in view while the reader is there; one who has scrolled up stays and is told that more has come. */
function useEnd(id: string, n: number) {
  const element = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [isBehind, setBehind] = useState(false);
  const toEnd = () => element.current!.scrollTo({ top: element.current!.scrollHeight });
  useLayoutEffect(() => {
    const log = element.current!;
    const scrolled = () => {
      isAtEnd.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
      if (isAtEnd.current) setBehind(false);
    };
    log.addEventListener("scroll", scrolled, { passive: true });
    const resized = new ResizeObserver(() => isAtEnd.current && toEnd());
    resized.observe(log);
    return () => (log.removeEventListener("scroll", scrolled), resized.disconnect());
  }, [id]);
  useLayoutEffect(() => {
    isAtEnd.current = true;
  }, [id]);
  useLayoutEffect(() => {
    if (isAtEnd.current) toEnd();
    else setBehind(true);
  }, [id, n]);
  return [element, isBehind, toEnd] as const;
}

function isNewDay(before: Entry | undefined, entry: Entry): boolean {
  return !before || new Date(before.at).toDateString() !== new Date(entry.at).toDateString();
}
