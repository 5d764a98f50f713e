/** The desk around its pages: the bar at the top, the page below it, what is said at the foot. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isLive } from "../live";
import { notices } from "../state/notices";
import { openHours } from "../state/queue";
import { isSupervisor, signOut, user } from "../state/session";
import { dialog, go, page, PAGES, type Page } from "../state/ui";
import { when } from "../time";
import { switchLanguage, words } from "../words";
import { Icon } from "./icon";
import { Brand } from "./signin";

export function Frame({ children }: { children: ComponentChildren }) {
  return (
    <>
      <header class="bar">
        <Brand />
        <nav>
          {PAGES.filter((name) => name !== "figures" || isSupervisor()).map((name) => (
            <PageButton key={name} name={name} />
          ))}
          {isSupervisor() && <a href="/reports">{words.value.reports}</a>}
        </nav>
        <button type="button" class="search-button" onClick={() => (dialog.value = "search")}>
          <Icon name="search" /> <span>{words.value.search}</span> <kbd aria-hidden="true">/</kbd>
        </button>
        <Hours />
        <Account />
      </header>
      {!isLive.value && (
        <p class="lost" role="status">
          <Icon name="offline" /> {words.value.offline}
        </p>
      )}
      <main class={`page page-${page.value}`}>{children}</main>
      <Notices />
    </>
  );
}

function PageButton({ name }: { name: Page }) {
  const button = useRef<HTMLButtonElement>(null);
  const isCurrent = page.value === name;
  // on a phone the names are wider than the bar
  useEffect(() => void (isCurrent && button.current!.scrollIntoView({ block: "nearest", inline: "center" })), [isCurrent]);
  return (
    <button ref={button} type="button" aria-current={isCurrent ? "page" : undefined} onClick={() => go(name)}>
      {words.value[name]}
    </button>
  );
}

function Hours() {
  const w = words.value;
  const hours = openHours.value;
  if (!hours) return null;
  const open = hours.until ? w.openUntil(when(hours.until)) : w.openNow;
  const closed = hours.next ? w.closedUntil(when(hours.next)) : w.closedNow;
  return <span class={`hours ${hours.open ? "open" : "shut"}`}>{hours.open ? open : closed}</span>;
}

function Account() {
  const w = words.value;
  return (
    <div class="account">
      <button
        type="button"
        class="quiet-button"
        aria-label={w.help}
        title={`${w.help} (?)`}
        onClick={() => (dialog.value = "help")}
      >
        <Icon name="keyboard" />
      </button>
      <details class="menu">
        <summary aria-label={`${w.account}: ${user.value?.display_name}`}>
          <span class="initial" aria-hidden="true">
            {[...(user.value?.display_name ?? "?")][0]}
          </span>
        </summary>
        <div class="menu-list" onClick={({ currentTarget }) => currentTarget.closest("details")!.removeAttribute("open")}>
          <p>
            <b>{user.value?.display_name}</b> <small>{user.value?.name}</small>
          </p>
          <button type="button" lang={w.tag === "en" ? "zh-CN" : "en"} onClick={switchLanguage}>
            {w.otherLanguage}
          </button>
          <button type="button" onClick={() => (dialog.value = "password")}>
            {w.changePassword}
          </button>
          <button type="button" onClick={() => void signOut()}>
            {w.signOut}
          </button>
        </div>
      </details>
    </div>
  );
}

function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, isTrouble }) => (
        <p key={id} class={isTrouble ? "trouble" : ""}>
          {text}
        </p>
      ))}
    </div>
  );
}
