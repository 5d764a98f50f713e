/** What the bot could not answer, grouped by meaning, and the drafts that will fill the gaps. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as api from "../api";
import { listen } from "../keys";
import * as conversation from "../state/conversation";
import { attempt, notify, why } from "../state/notices";
import { isSupervisor } from "../state/session";
import { go } from "../state/ui";
import type { Draft, Gap } from "../values";
import { words } from "../words";
import { DraftForm } from "./drafts";
import { Empty } from "./empty";

const gaps = signal<Gap[] | null>(null);
const drafts = signal<Draft[]>([]);
const trouble = signal("");
const current = signal(0); // the gap that the keys mean
const drafting = signal<string | null>(null); // the gap whose form is open

async function load(): Promise<void> {
  try {
    const [found, kept] = await Promise.all([
      api.get<{ gaps: Gap[] }>("/v1/gaps"),
      api.get<{ drafts: Draft[] }>("/v1/desk/faq-drafts"),
    ]);
    gaps.value = found.gaps;
    drafts.value = kept.drafts;
    trouble.value = "";
  } catch (error) {
    trouble.value = why(error);
  }
}

export function Gaps() {
  const w = words.value;
  useEffect(() => {
    void load();
    return listen({ j: () => step(1), k: () => step(-1), d: () => (drafting.value = gaps.value?.[current.value]?.gap_id ?? null) });
  }, []);
  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{w.gapsTitle}</h1>
        <p>{w.gapsMore}</p>
      </header>
      {trouble.value && <Empty title={trouble.value} />}
      {gaps.value?.length === 0 && <Empty title={w.gapsEmpty} more={w.gapsEmptyMore} />}
      <ol class="gaps">
        {gaps.value?.map((gap, i) => (
          <GapCard key={gap.gap_id} gap={gap} isCurrent={i === current.value} />
        ))}
      </ol>
      {drafts.value.length > 0 && <Drafts />}
    </div>
  );
}

function step(by: 1 | -1): void {
  const last = (gaps.value?.length ?? 0) - 1;
  current.value = Math.max(0, Math.min(last, current.value + by));
}

function GapCard({ gap, isCurrent }: { gap: Gap; isCurrent: boolean }) {
  const w = words.value;
  const card = useRef<HTMLLIElement>(null);
  const isDrafting = drafting.value === gap.gap_id;
  useEffect(() => void (isCurrent && card.current!.scrollIntoView({ block: "nearest" })), [isCurrent]);
  const { conversation_id, sequence } = gap;
  const beginning = { conversation_id, sequence, ...(gap.draft ?? { question: gap.question, answer: "" }) };
  const look = () => {
    go("conversations");
    void conversation.open(conversation_id);
  };
  return (
    <li class="gap" ref={card} aria-current={isCurrent}>
      <div class="gap-head">
        <h2>{gap.question}</h2>
        <button type="button" class="link-button" onClick={look}>
          {w.nConversations(gap.n_conversations)}
        </button>
        {!isDrafting && (
          <button type="button" onClick={() => (drafting.value = gap.gap_id)}>
            {w.draft} {isCurrent && <kbd aria-hidden="true">D</kbd>}
          </button>
        )}
      </div>
      <ul class="examples" aria-label={w.examples}>
        {gap.examples
          .filter((text) => text !== gap.question)
          .map((text) => (
            <li key={text}>{text}</li>
          ))}
      </ul>
      {gap.duplicate_of && <p class="quiet">{w.duplicate(gap.duplicate_of)}</p>}
      {isDrafting && (
        <DraftForm
          drafting={beginning}
          done={() => {
            drafting.value = null;
            notify(w.draftSaved);
            void load();
          }}
        />
      )}
    </li>
  );
}

function Drafts() {
  const w = words.value;
  const decide = async ({ draft_id }: Draft, what: "publish" | "discard") => {
    const path = `/v1/desk/faq-drafts/${encodeURIComponent(draft_id)}/${what}`;
    if ((await attempt(() => api.post(path))) && what === "publish") notify(w.published);
    void load();
  };
  return (
    <section class="drafts">
      <h2>{w.drafts}</h2>
      {drafts.value.map((draft) => (
        <article key={draft.draft_id}>
          <h3>{draft.question}</h3>
          <p>{draft.answer}</p>
          {isSupervisor() && (
            <div class="buttons">
              <button type="button" onClick={() => void decide(draft, "discard")}>
                {w.discard}
              </button>
              <button type="button" class="main-button" onClick={() => void decide(draft, "publish")}>
                {w.publish}
              </button>
            </div>
          )}
        </article>
      ))}
    </section>
  );
}
