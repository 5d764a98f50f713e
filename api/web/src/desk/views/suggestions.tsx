/** Above the reply box: at most three suggestions with source and probability, each with its key. */

import { insert } from "../state/draft";
import * as conversation from "../state/conversation";
import * as state from "../state/suggestions";
import { focusField } from "../keys";
import { percent } from "../time";
import type { Suggestion } from "../values";
import { words } from "../words";

export function SuggestionBar() {
  const w = words.value;
  const found = state.suggestions.value;
  if (!conversation.isMine.value || !state.isLoaded.value) return null;
  if (!found.length) return <p class="suggestions-none">{w.suggestionsNone}</p>;
  return (
    <ol class="suggestions" aria-label={w.suggestions}>
      {found.map((suggestion, i) => (
        <Card key={suggestion.suggestion_id} suggestion={suggestion} n={i} />
      ))}
    </ol>
  );
}

function Card({ suggestion, n }: { suggestion: Suggestion; n: number }) {
  const w = words.value;
  const isCurrent = state.current.value === n;
  const put = (andEdit: boolean) => {
    state.current.value = n;
    insert(suggestion);
    if (andEdit) focusField();
  };
  const likely = percent(suggestion.p);
  return (
    <li class={`suggestion ${isCurrent ? "current" : ""}`} aria-current={isCurrent}>
      <button type="button" class="suggestion-text" title={suggestion.text} onClick={() => put(false)} aria-keyshortcuts={String(n + 1)}>
        <span class="suggestion-head">
          <kbd aria-hidden="true">{n + 1}</kbd>
          <span class="source">{w.sources[suggestion.source] ?? suggestion.source}</span>
          <span class="likely" title={w.pLikely(likely)}>
            <progress max={1} value={suggestion.p} aria-hidden="true" /> {likely}
          </span>
        </span>
        {suggestion.title && suggestion.title !== suggestion.text && <span class="suggestion-title">{suggestion.title}</span>}
        <span class="suggestion-body">{suggestion.text}</span>
      </button>
      <span class="suggestion-ways">
        <button type="button" onClick={() => put(true)}>
          {w.edit} {isCurrent && <kbd aria-hidden="true">E</kbd>}
        </button>
        <button type="button" onClick={() => state.reject(n)}>
          {w.reject} {isCurrent && <kbd aria-hidden="true">X</kbd>}
        </button>
      </span>
    </li>
  );
}

