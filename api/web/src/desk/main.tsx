/** The agents' desk: who is signed in sees the conversations, everybody else the sign-in form. */

import "./style/index.css";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { CONVERSATION, listen } from "./keys";
import { follow } from "./live";
import * as canned from "./state/canned";
import * as conversation from "./state/conversation";
import { notify } from "./state/notices";
import * as people from "./state/people";
import * as queue from "./state/queue";
import { mustChangePassword, phase, resume } from "./state/session";
import { followConversation } from "./state/suggestions";
import { page } from "./state/ui";
import type { Change } from "./values";
import { CannedReplies } from "./views/canned";
import { ContactsPage } from "./views/contacts";
import { Dialogs } from "./views/dialogs";
import { Figures } from "./views/figures";
import { Frame } from "./views/frame";
import { Gaps } from "./views/gaps";
import { Panel } from "./views/panel";
import { Queue } from "./views/queue";
import { FirstPassword, SignIn } from "./views/signin";
import { Talk } from "./views/talk";
import { words } from "./words";

function App() {
  if (phase.value === "asking") return null;
  if (phase.value !== "in") return <SignIn />;
  return mustChangePassword.value ? <FirstPassword /> : <Desk />;
}

function Desk() {
  useEffect(() => {
    queue.refresh();
    for (const load of [canned.load, people.load]) load().catch(() => {}); // menus are empty until somebody asks again
    if (conversation.openId.value) void conversation.open(conversation.openId.value);
    const stops = [follow("/v1/desk/events", { changed, returned, lost: queue.refresh }), followConversation()];
    return () => stops.forEach((stop) => stop());
  }, []);
  return (
    <Frame>
      {page.value === "conversations" && <Conversations />}
      {page.value === "contacts" && <ContactsPage />}
      {page.value === "figures" && <Figures />}
      {page.value === "gaps" && <Gaps />}
      {page.value === "canned" && <CannedReplies />}
      <Dialogs />
    </Frame>
  );
}

function Conversations() {
  useEffect(() => listen(CONVERSATION), []);
  return (
    <>
      <Queue />
      <Talk />
      <Panel />
    </>
  );
}

function changed({ conversation_id, kind }: Change): void {
  const isOpen = conversation_id === conversation.openId.value;
  if (kind === "typing") return isOpen ? conversation.customerTypes() : undefined;
  queue.refresh();
  if (isOpen) conversation.catchUp().catch(() => {}); // the next change asks again from the same number
}

function returned(): void {
  notify(words.value.back);
  queue.refresh();
  conversation.catchUp().catch(() => {});
}

render(<App />, document.getElementById("app")!);
void resume();
