/** Whom to contact today and why, most at stake first; beside it the panel of the one that is chosen. */

import { useEffect, useRef } from "preact/hooks";
import { intentName } from "../codes";
import { listen } from "../keys";
import * as contacts from "../state/contacts";
import * as conversation from "../state/conversation";
import { go } from "../state/ui";
import { date, percent, wholeMoney } from "../time";
import type { Contact, Contacts, Customer, Why } from "../values";
import { language, words } from "../words";
import { Empty } from "./empty";
import { Icon } from "./icon";
import { Facts, Identity, Moods } from "./panel";

const N_DOWNLOADED = 200; // the most that the server lists

const KEYS = {
  j: () => contacts.step(1),
  k: () => contacts.step(-1),
  i: () => contacts.choose(null),
  t: () => void contacts.whenKnown().then((customer) => customer && openTalk(customer)),
};

export function ContactsPage() {
  const { list, trouble } = contacts;
  useEffect(() => {
    void contacts.load();
    return listen(KEYS);
  }, []);
  return (
    <>
      <div class="contacts">
        <Head list={list.value} />
        {trouble.value && <Failed title={trouble.value} />}
        {!trouble.value && !list.value && <Empty title={words.value.loading} />}
        {!trouble.value && list.value && <Everybody list={list.value} />}
      </div>
      <ChosenPanel />
    </>
  );
}

function Head({ list }: { list: Contacts | null }) {
  const w = words.value;
  return (
    <header class="contacts-head">
      <div>
        <h1>{w.contactsTitle}</h1>
        <p class="quiet">{w.contactsMore}</p>
        {list && (
          <p class={list.scored_as_of ? "quiet" : "hint-line"}>
            {list.scored_as_of ? w.contactsAsOf(date(list.scored_as_of)) : w.contactsNotScored}
          </p>
        )}
      </div>
      {!!list?.customers.length && (
        <a class="button" href={`/v1/customers/next.csv?n=${N_DOWNLOADED}`} download>
          <Icon name="download" /> {w.download}
        </a>
      )}
    </header>
  );
}

function Failed({ title }: { title: string }) {
  return (
    <Empty title={title}>
      <button type="button" onClick={() => void contacts.load()}>
        {words.value.retry}
      </button>
    </Empty>
  );
}

function Everybody({ list: { customers, scored_as_of } }: { list: Contacts }) {
  const w = words.value;
  if (!customers.length) return <Empty title={w.contactsEmpty} more={w.contactsEmptyMore} />;
  const sum = customers.reduce((total, { at_stake_cny }) => total + at_stake_cny, 0);
  return (
    <>
      <p class="contacts-sum">{w.contactsSum(customers.length, scored_as_of && wholeMoney(sum))}</p>
      <ol class="contact-list">
        {customers.map((contact) => (
          <Line key={contact.customer_id} contact={contact} most={customers[0].at_stake_cny} hasMoney={!!scored_as_of} />
        ))}
      </ol>
    </>
  );
}

/** Before the first scoring nothing is known of money, and the chance to lose somebody says all. */
function Line({ contact, most, hasMoney }: { contact: Contact; most: number; hasMoney: boolean }) {
  const w = words.value;
  const line = useRef<HTMLButtonElement>(null);
  const isChosen = contact.customer_id === contacts.chosenId.value;
  useEffect(() => void (isChosen && line.current!.scrollIntoView({ block: "nearest" })), [isChosen]);
  const { customer_id, step, at_stake_cny, p_loss, value_cny, value_is_known, reasons } = contact;
  return (
    <li>
      <button ref={line} type="button" class="contact" aria-current={isChosen} onClick={() => contacts.choose(customer_id)}>
        <span class="contact-who">
          <strong>{customer_id}</strong>
          <span class={`step ${step}`}>{w.steps[step]}</span>
        </span>
        <span class="contact-why">
          {reasons.map((why) => (
            <span key={why.cause} class={`cause ${why.cause}`}>
              {said(why)}
            </span>
          ))}
        </span>
        <span class="contact-stake" title={value_is_known ? w.lossOf(percent(p_loss), wholeMoney(value_cny)) : hasMoney ? w.usualValue : undefined}>
          <span>
            <b>{hasMoney ? `${value_is_known ? "" : "≈ "}${wholeMoney(at_stake_cny)}` : percent(p_loss)}</b>{" "}
            <small>{hasMoney ? w.atStake : w.mayLeave}</small>
          </span>
          <progress max={most} value={at_stake_cny} aria-hidden="true" />
        </span>
      </button>
    </li>
  );
}

/** The server's sentence with intents in words. */
function said({ zh, en, about }: Why): string {
  const sentence = language.value === "zh" ? zh : en;
  return about.reduce((text, intent) => text.replace(intent, intentName(intent)), sentence);
}

function ChosenPanel() {
  const w = words.value;
  const { chosen, customer } = contacts;
  if (!chosen.value) return null;
  return (
    <aside class="panel" aria-label={w.panel}>
      <header>
        <h2>{w.panel}</h2>
        <button type="button" class="quiet-button shown" title={`${w.close} (I)`} aria-label={w.close} onClick={() => contacts.choose(null)}>
          <Icon name="close" />
        </button>
      </header>
      {customer.value ? <Known customer={customer.value} /> : <p class="quiet panel-wait">{w.loading}</p>}
    </aside>
  );
}

function Known({ customer }: { customer: Customer }) {
  const w = words.value;
  return (
    <>
      <Identity customer={customer} />
      <section class="in-touch">
        {contacts.conversationOf(customer) ? (
          <button type="button" class="main-button" onClick={() => openTalk(customer)}>
            {w.openTalk} <kbd aria-hidden="true">T</kbd>
          </button>
        ) : (
          <p class="quiet">{w.noTalk}</p>
        )}
      </section>
      {customer.profile.n_turns > 0 && <Moods customer={customer} />}
      <Facts customer={customer} />
    </>
  );
}

function openTalk(customer: Customer): void {
  const id = contacts.conversationOf(customer);
  if (!id) return;
  go("conversations");
  void conversation.open(id);
}
