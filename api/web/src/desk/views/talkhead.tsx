/** Whose conversation it is, how it stands, and what can be done with it. */

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { can, take } from "../keys";
import * as conversation from "../state/conversation";
import { dialog, isPanelOpen } from "../state/ui";
import { words } from "../words";
import { Icon, type IconName } from "./icon";
import { nameOf, ownerOf } from "./queue";

export function TalkHead() {
  const w = words.value;
  const item = conversation.item.value!;
  const state = item.state === "agent" ? ownerOf(item) : w.states[item.state];
  return (
    <header class="talk-head">
      <button type="button" class="quiet-button to-queue" aria-label={w.goBack} onClick={conversation.shut}>
        <Icon name="back" />
      </button>
      <div class="who">
        <h2>{nameOf(item)}</h2>
        <span class={`state ${item.state}`}>{state}</span>
        <Labels key={item.conversation_id} labels={item.labels} />
      </div>
      <div class="tools">
        {can("take") && (
          <Tool icon="take" keys="T" kind="main-button" onClick={() => void take()}>
            {w.take}
          </Tool>
        )}
        {can("release") && (
          <Tool icon="release" keys="R" onClick={() => void conversation.change("release")}>
            {w.release}
          </Tool>
        )}
        {can("transfer") && (
          <Tool icon="transfer" onClick={() => (dialog.value = "transfer")}>
            {w.transfer}
          </Tool>
        )}
        {can("close") && (
          <Tool icon="done" onClick={() => (dialog.value = "close")}>
            {w.closeConversation}
          </Tool>
        )}
        <button
          type="button"
          class="quiet-button"
          title={`${w.panel} (I)`}
          aria-label={w.panel}
          aria-pressed={isPanelOpen.value}
          onClick={() => (isPanelOpen.value = !isPanelOpen.value)}
        >
          <Icon name="panel" />
        </button>
      </div>
    </header>
  );
}

interface ToolProps {
  icon: IconName;
  keys?: string;
  kind?: string;
  onClick: () => void;
  children: ComponentChildren;
}

function Tool({ icon, keys, kind = "", onClick, children }: ToolProps) {
  return (
    <button type="button" class={`tool ${kind}`} aria-keyshortcuts={keys?.toLowerCase()} onClick={onClick}>
      <Icon name={icon} /> {children} {keys && <kbd aria-hidden="true">{keys}</kbd>}
    </button>
  );
}

const isAdding = signal(false);

function Labels({ labels }: { labels: string[] }) {
  const w = words.value;
  const put = (changed: string[]) => void conversation.change("labels", { labels: changed });
  const entered = (event: KeyboardEvent) => {
    const field = event.target as HTMLInputElement;
    if (event.key === "Escape") isAdding.value = false;
    if (event.key !== "Enter" || event.isComposing) return;
    const label = field.value.trim();
    if (label && !labels.includes(label)) put([...labels, label]);
    isAdding.value = false;
  };
  return (
    <span class="labels">
      {labels.map((label) => (
        <span key={label} class="label">
          {label}
          <button type="button" aria-label={w.removeLabel(label)} onClick={() => put(labels.filter((l) => l !== label))}>
            <Icon name="close" />
          </button>
        </span>
      ))}
      {isAdding.value ? (
        <input
          class="label-field"
          aria-label={w.labels}
          placeholder={w.labelHint}
          maxLength={40}
          ref={(field) => field?.focus()}
          onKeyDown={entered}
          onBlur={() => (isAdding.value = false)}
        />
      ) : (
        <button type="button" class="add-label" onClick={() => (isAdding.value = true)}>
          <Icon name="label" /> {w.labels}
        </button>
      )}
    </span>
  );
}
