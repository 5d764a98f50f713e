/** The small windows: keys, search, transfer, close, password, a draft for the FAQ. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api";
import * as conversation from "../state/conversation";
import { attempt, notify } from "../state/notices";
import * as people from "../state/people";
import { close, dialog, go, hasSingleKeys } from "../state/ui";
import { when } from "../time";
import type { Found } from "../values";
import { words } from "../words";
import { Dialog } from "./dialog";
import { DraftForm } from "./drafts";
import { PasswordForm } from "./signin";

export function Dialogs() {
  const w = words.value;
  const shown = dialog.value;
  if (shown === null) return null;
  if (shown === "help") return <Help />;
  if (shown === "search") return <Search />;
  if (shown === "transfer") return <Transfer />;
  if (shown === "close") return <CloseConversation />;
  if (shown === "password")
    return (
      <Dialog title={w.changePassword}>
        <PasswordForm />
      </Dialog>
    );
  return (
    <Dialog title={w.draft} kind="wide">
      <DraftForm drafting={shown.drafting} done={() => (close(), notify(w.draftSaved))} />
    </Dialog>
  );
}

function Help() {
  const w = words.value;
  const groups: [string, [string, string][]][] = [
    [w.groups.list, [["J K", w.keys.next], ["/", w.keys.search], ["?", w.keys.help]]],
    [w.groups.talk, [["T", w.keys.take], ["R", w.keys.release], ["N", w.keys.note], ["D", w.keys.draft], ["I", w.keys.panel]]],
    [w.groups.suggestions, [["1 2 3", w.keys.insert], ["E", w.keys.edit], ["X", w.keys.reject]]],
    [w.groups.writing, [["Enter", w.keys.write], ["Ctrl+Enter", w.keys.send], ["/", w.keys.canned], ["Esc", w.keys.leave]]],
  ];
  return (
    <Dialog title={w.help} kind="wide" takesFocus>
      <div class="key-groups">
        {groups.map(([title, rows]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {rows.map(([keys, does]) => (
                <div key={keys}>
                  <dt>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={hasSingleKeys.value}
          onChange={({ currentTarget }) => (hasSingleKeys.value = currentTarget.checked)}
        />
        {w.singleKeys}
      </label>
    </Dialog>
  );
}

function Search() {
  const w = words.value;
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<Found[] | null>(null);
  useEffect(() => {
    if (!query.trim()) return setFound(null);
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const answer = await api.get<{ hits: Found[] }>(`/v1/desk/search?q=${encodeURIComponent(query.trim())}`).catch(() => null);
      if (isCurrent) setFound(answer?.hits ?? []);
    }, 200); // while somebody types
    return () => ((isCurrent = false), clearTimeout(timer));
  }, [query]);
  const openHit = (id: string) => {
    close();
    go("conversations");
    void conversation.open(id);
  };
  return (
    <Dialog title={w.search} kind="wide">
      <input
        type="text" role="searchbox"
        class="search-field"
        placeholder={w.searchHint}
        aria-label={w.search}
        autofocus
        value={query}
        onInput={({ currentTarget }) => setQuery(currentTarget.value)}
      />
      {found && <p class="quiet" role="status">{found.length ? w.found(found.length) : w.foundNone}</p>}
      <ul class="hits">
        {found?.map((hit) => (
          <li key={`${hit.conversation_id} ${hit.sequence}`}>
            <button type="button" onClick={() => openHit(hit.conversation_id)}>
              <span>
                {w.senders[hit.sender]}
                {hit.text}
              </span>
              <time dateTime={hit.at}>{when(hit.at)}</time>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Transfer() {
  const w = words.value;
  useEffect(() => void attempt(people.load), []);
  const others = people.colleagues.value.filter(({ name }) => name !== conversation.item.value?.owner);
  const choose = (to: string | null) => {
    close();
    void conversation.change("transfer", { to });
  };
  return (
    <Dialog title={w.transferTo}>
      {!others.length && <p class="quiet">{w.nobodyElse}</p>}
      <ul class="choices">
        {others.map(({ name, display_name }) => (
          <li key={name}>
            <button type="button" onClick={() => choose(name)}>
              {display_name} <small>{name}</small>
            </button>
          </li>
        ))}
        <li>
          <button type="button" onClick={() => choose(null)}>
            {w.toQueue}
          </button>
        </li>
      </ul>
    </Dialog>
  );
}

function CloseConversation() {
  const w = words.value;
  const finish = (ask_csat: boolean) => {
    close();
    void conversation.change("close", { ask_csat });
  };
  return (
    <Dialog title={w.closeReally}>
      <p class="quiet">{w.closeMore}</p>
      <div class="buttons">
        <button type="button" onClick={() => finish(false)}>
          {w.closeOnly}
        </button>
        <button type="button" class="main-button" autofocus onClick={() => finish(true)}>
          {w.closeAndAsk}
        </button>
      </div>
    </Dialog>
  );
}
