/** The shop's canned replies: a table to read, a form to add and change. */

import { useEffect, useState } from "preact/hooks";
import { listen } from "../keys";
import { attempt } from "../state/notices";
import { load, remove, replies, save } from "../state/canned";
import type { Canned } from "../values";
import { language, words } from "../words";
import { Empty } from "./empty";

const NEW: Canned = { shortcut: "", title: "", text: "", language: "zh", labels: [] };

export function CannedReplies() {
  const w = words.value;
  const [edited, setEdited] = useState<Canned | null>(null);
  useEffect(() => void attempt(load), []);
  useEffect(() => listen({}), []);
  return (
    <div class="sheet">
      <header class="sheet-head">
        <h1>{w.canned}</h1>
        <p>{w.cannedMore}</p>
        {!edited && (
          <button type="button" class="main-button" onClick={() => setEdited({ ...NEW, language: language.value })}>
            {w.add}
          </button>
        )}
      </header>
      {edited && <Form key={edited.shortcut} reply={edited} done={() => setEdited(null)} />}
      {!replies.value.length && !edited && <Empty title={w.cannedEmpty} />}
      {replies.value.length > 0 && (
        <ul class="canned-list">
          {replies.value.map((reply) => (
            <li key={reply.shortcut}>
              <b class="shortcut">/{reply.shortcut}</b>
              <div>
                <p class="canned-title">{reply.title}</p>
                <p class="canned-text" lang={reply.language === "en" ? "en" : "zh-CN"}>
                  {reply.text}
                </p>
              </div>
              <div class="buttons">
                <button type="button" onClick={() => setEdited(reply)}>
                  {w.edit}
                </button>
                <button type="button" onClick={() => confirm(w.removeReally) && void attempt(() => remove(reply))}>
                  {w.remove}
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Form({ reply, done }: { reply: Canned; done: () => void }) {
  const w = words.value;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Record<string, string>;
    const shortcut = fields.shortcut.trim().replace(/^\//, "");
    const changed = { ...reply, shortcut, title: fields.title.trim(), text: fields.text.trim(), language: fields.language };
    if (await attempt(() => save(changed))) done();
  };
  return (
    <form class="fields canned-form" onSubmit={submit}>
      <div class="row">
        <label>
          {w.shortcut}
          <input name="shortcut" required maxLength={40} pattern="\S+" defaultValue={reply.shortcut} readOnly={!!reply.shortcut} autofocus />
        </label>
        <label>
          {w.title}
          <input name="title" required maxLength={100} defaultValue={reply.title} />
        </label>
        <label>
          {w.languageOf}
          <select name="language" defaultValue={reply.language}>
            <option value="zh">中文</option>
            <option value="en">English</option>
          </select>
        </label>
      </div>
      <label>
        {w.text}
        <textarea name="text" rows={3} required maxLength={2_000} defaultValue={reply.text} />
      </label>
      <div class="buttons">
        <button type="button" onClick={done}>
          {w.cancel}
        </button>
        <button type="submit" class="main-button">
          {w.save}
        </button>
      </div>
    </form>
  );
}
