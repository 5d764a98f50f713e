/** An FAQ entry in the making: question and answer, Ctrl+Enter saves. */

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api";
import { attempt } from "../state/notices";
import type { Drafting } from "../state/ui";
import { words } from "../words";

interface DraftFormProps {
  drafting: Drafting;
  done: () => void;
}

export function DraftForm({ drafting, done }: DraftFormProps) {
  const w = words.value;
  const [question, setQuestion] = useState(drafting.question);
  const [answer, setAnswer] = useState(drafting.answer);
  const answerField = useRef<HTMLTextAreaElement>(null);
  useEffect(() => answerField.current!.focus(), []); // a dialog, which is shown after this, goes by autofocus
  const isWhole = question.trim() && answer.trim();
  const save = async (event: Event) => {
    event.preventDefault();
    if (!isWhole) return;
    const { conversation_id, sequence } = drafting;
    const body = { conversation_id, sequence, question: question.trim(), answer: answer.trim() };
    if (await attempt(() => api.post("/v1/desk/faq-drafts", body))) done();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) void save(event);
  };
  return (
    <form class="fields" onSubmit={save} onKeyDown={pressed}>
      <label>
        {w.question}
        <input value={question} maxLength={2_000} onInput={({ currentTarget }) => setQuestion(currentTarget.value)} />
      </label>
      <label>
        {w.answer}
        <textarea rows={5} autofocus ref={answerField} value={answer} onInput={({ currentTarget }) => setAnswer(currentTarget.value)} />
      </label>
      <div class="buttons">
        <button type="submit" class="main-button" disabled={!isWhole}>
          {w.saveDraft} <kbd aria-hidden="true">{w.sendKeys}</kbd>
        </button>
      </div>
    </form>
  );
}
