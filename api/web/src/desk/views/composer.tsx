/** Where the agent writes: a reply or a note, canned replies after a slash, Ctrl+Enter sends. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import * as api from "../api";
import { can, FIELD, focusField, SEND, take } from "../keys";
import * as canned from "../state/canned";
import * as conversation from "../state/conversation";
import { draft, edit, unfilled } from "../state/draft";
import { send } from "../state/outbox";
import { judge } from "../state/suggestions";
import type { Canned } from "../values";
import { words } from "../words";
import { CannedMenu } from "./cannedmenu";

const MAX_CHARS = 2_000; // the server's max_text_chars
const TYPING_EVERY_MS = 3_000;

export function Composer() {
  const w = words.value;
  const { mode, text } = draft.value;
  const [at, setAt] = useState(0); // of the canned replies the one that Enter takes
  const field = useRef<HTMLTextAreaElement>(null);
  const lastTyping = useRef(0);
  const isNote = mode === "notes";
  const mayWrite = isNote || conversation.isMine.value;
  const menu = mayWrite && !isNote ? canned.matching(text) : [];
  const trouble = troubleWith(text);

  useLayoutEffect(() => fit(field.current!), [text, mode]);

  const submit = (event?: Event) => {
    event?.preventDefault();
    if (!text.trim() || !mayWrite || (!isNote && trouble)) return;
    finish();
  };
  const typed = (event: InputEvent) => {
    edit({ text: (event.target as HTMLTextAreaElement).value });
    setAt(0);
    if (isNote || Date.now() - lastTyping.current < TYPING_EVERY_MS) return;
    lastTyping.current = Date.now();
    void api.post(api.desk(conversation.openId.value!, "typing")).catch(() => {});
  };
  const choose = (reply: Canned) => {
    edit({ text: canned.fill(reply.text), suggestion: null });
    requestAnimationFrame(() => selectFirstGap(field.current!));
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return submit(event);
    if (!menu.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setAt((at + (event.key === "ArrowDown" ? 1 : menu.length - 1)) % menu.length);
      event.preventDefault();
    } else if (event.key === "Enter" || event.key === "Tab") {
      choose(menu[at] ?? menu[0]);
      event.preventDefault();
    }
  };
  const turnTo = (next: "reply" | "notes") => {
    edit({ mode: next });
    focusField();
  };

  return (
    <form class={`composer ${mode}`} onSubmit={submit}>
      {menu.length > 0 && <CannedMenu replies={menu} at={at} choose={choose} />}
      <div class="modes" role="tablist" aria-label={w.groups.writing}>
        <button type="button" role="tab" aria-selected={!isNote} onClick={() => turnTo("reply")}>
          {w.reply}
        </button>
        <button type="button" role="tab" aria-selected={isNote} onClick={() => turnTo("notes")}>
          {w.note} <kbd aria-hidden="true">N</kbd>
        </button>
        {trouble && !isNote && mayWrite && (
          <span class="trouble" role="status">
            {trouble}
          </span>
        )}
      </div>
      {mayWrite ? (
        <div class="writing">
          <textarea
            id={FIELD}
            ref={field}
            rows={2}
            value={text}
            placeholder={isNote ? w.noteHint : w.replyHint}
            aria-label={isNote ? w.note : w.reply}
            aria-expanded={menu.length > 0}
            aria-controls={menu.length > 0 ? "canned-menu" : undefined}
            aria-activedescendant={menu.length > 0 ? `canned-${at}` : undefined}
            onInput={typed}
            onKeyDown={pressed}
          />
          <button type="submit" id={SEND} class="main-button" disabled={!text.trim() || (!isNote && !!trouble)}>
            {isNote ? w.saveNote : w.send} <kbd aria-hidden="true">{w.sendKeys}</kbd>
          </button>
        </div>
      ) : (
        <p class="not-mine">
          {whyNot()}
          {can("take") && (
            <button type="button" class="link-button" onClick={() => void take()}>
              {w.take} <kbd aria-hidden="true">T</kbd>
            </button>
          )}
        </p>
      )}
    </form>
  );
}

/** Hand the draft over to the outbox; a suggestion in it hears what became of it. */
function finish(): void {
  const { mode, text, suggestion } = draft.value;
  const used = mode === "reply" && suggestion ? suggestion : null;
  send(conversation.openId.value!, mode, text.trim(), used?.suggestion_id);
  if (used) judge(used, text.trim() === used.text.trim() ? "accepted" : "edited", text.trim());
  edit({ mode: "reply", text: "", suggestion: null });
}

function troubleWith(text: string): string {
  const w = words.value;
  if (text.length > MAX_CHARS) return w.tooLong(text.length - MAX_CHARS);
  const names = unfilled(text);
  return names.length ? w.fillIn(names.join(" ")) : "";
}

function whyNot(): string {
  const w = words.value;
  const item = conversation.item.value!;
  if (item.state === "closed") return w.closedHint;
  return item.state === "agent" ? w.takenBy(item.owner_name || item.owner || "") : w.takeFirst;
}

function fit(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`; // the style sheet caps it
}

/** Put the cursor on the first variable that has to be filled in by hand. */
function selectFirstGap(field: HTMLTextAreaElement): void {
  field.focus();
  const [gap] = unfilled(field.value);
  const at = gap ? field.value.indexOf(gap) : field.value.length;
  field.setSelectionRange(at, at + (gap?.length ?? 0));
}

