/** On the right: who the customer is, how they have felt, what they ordered, and what the numbers say. */

import { entityName, intentName, reasonName, statusName } from "../codes";
import * as conversation from "../state/conversation";
import { isPanelOpen } from "../state/ui";
import { date, money, percent } from "../time";
import type { Conversation, Customer, Order, OtherId, Score, Urgency } from "../values";
import { words } from "../words";
import { Icon } from "./icon";
import { MoodChart } from "./moodchart";
import { nameOf } from "./queue";

const N_REASONS = 4; // the strongest; the rest says little
const N_OFFERS = 3;

export function Panel() {
  const w = words.value;
  const opened = conversation.opened.value;
  if (!opened || !isPanelOpen.value) return null;
  const { customer } = opened;
  return (
    <aside class="panel" aria-label={w.panel}>
      <header>
        <h2>{w.panel}</h2>
        <button type="button" class="quiet-button" aria-label={w.close} onClick={() => (isPanelOpen.value = false)}>
          <Icon name="close" />
        </button>
      </header>
      {customer ? <Identity customer={customer} /> : <Anonymous />}
      <Moods customer={customer} opened={opened} />
      <Mentioned />
      {customer && <Facts customer={customer} />}
    </aside>
  );
}

/** What is held of a customer beside how they felt. */
export function Facts({ customer }: { customer: Customer }) {
  return (
    <>
      {(customer.orders.length > 0 || !customer.score) && <Orders orders={customer.orders} />}
      <Issues customer={customer} />
      <Risk score={customer.score} />
    </>
  );
}

export function Moods({ customer, opened }: { customer: Customer | null; opened?: Conversation }) {
  const w = words.value;
  return (
    <section>
      <h3>
        {w.mood}
        {customer && customer.profile.n_turns > 1 && <small>{w.trends[customer.profile.sentiment_trend]}</small>}
      </h3>
      <MoodChart customer={customer} opened={opened} />
    </section>
  );
}

function Anonymous() {
  const w = words.value;
  return (
    <section class="identity">
      <p class="name">{nameOf(conversation.item.value!)}</p>
      <p class="quiet">{w.anonymous}</p>
      <p class="quiet">{w.anonymousMore}</p>
    </section>
  );
}

export function Identity({ customer }: { customer: Customer }) {
  const w = words.value;
  const { profile } = customer;
  return (
    <section class="identity">
      <p class="name">{customer.customer_id}</p>
      <p class="quiet">
        {profile.n_turns > 0 && w.contact(profile.n_turns)}
        {profile.first_contact_at && ` · ${w.since(date(profile.first_contact_at))}`}
      </p>
      {customer.also.length > 0 && <AlsoKnown also={customer.also} />}
    </section>
  );
}

/** The person's other ids; opened, why each is theirs and how much came with it. */
function AlsoKnown({ also }: { also: OtherId[] }) {
  const w = words.value;
  return (
    <details class="also">
      <summary>{w.also(also.map(({ customer_id }) => customer_id).join(w.listComma))}</summary>
      <ul>
        {also.map(({ customer_id, because, n_turns, n_orders }) => (
          <li key={customer_id}>
            <b>{customer_id}</b> {w.alsoBecause[because]}
            <small>
              {w.contact(n_turns)} · {w.orderCount(n_orders)}
            </small>
          </li>
        ))}
      </ul>
      <p class="quiet">{w.alsoMore}</p>
    </details>
  );
}

/** What the customer has named in this conversation: order numbers, phone numbers, goods. */
function Mentioned() {
  const turns = conversation.opened.value!.entries.flatMap((entry) => entry.turn ?? []);
  const named = new Map(turns.flatMap((turn) => turn.reading.entities).map((entity) => [entity.type + entity.value, entity]));
  if (!named.size) return null;
  return (
    <section class="named">
      {[...named.values()].map(({ type, value }) => (
        <span key={type + value} class="entity">
          {entityName(type)} <b>{value}</b>
        </span>
      ))}
    </section>
  );
}

function Orders({ orders }: { orders: Order[] }) {
  const w = words.value;
  return (
    <section>
      <h3>{w.orders}</h3>
      {!orders.length && <p class="quiet">{w.noOrders}</p>}
      <ul class="orders">
        {orders.map((order) => (
          <li key={order.order_no}>
            <p>
              <b>{order.order_no}</b> <span class={`order-status ${order.status}`}>{statusName(order.status)}</span>
            </p>
            <p>{order.items.join(w.listComma)}</p>
            <p class="quiet">
              {money(order.amount_cny)} · {date(order.ordered_at)}
            </p>
            {order.tracking_no && (
              <p class="quiet">
                {order.carrier} <span class="code">{order.tracking_no}</span>
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Issues({ customer: { profile } }: { customer: Customer }) {
  if (!profile.open_issues.length) return null;
  return (
    <section>
      <h3>{words.value.issues}</h3>
      <ul>
        {profile.open_issues.slice(-N_REASONS).map(({ intent, since_at }) => (
          <li key={since_at} class="fact">
            {intentName(intent)} <small>{date(since_at)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Risk({ score }: { score: Score | null }) {
  const w = words.value;
  return (
    <section>
      <h3>
        {w.risk}
        {score && <small>{date(score.as_of)}</small>}
      </h3>
      {!score && <p class="quiet">{w.noScores}</p>}
      {score && (
        <>
          <p class="fact">
            {w.inDays(score.horizon_days)} <b>{percent(score.p_churn)}</b>
          </p>
          <progress class="risk" max={1} value={score.p_churn} aria-hidden="true" />
          <Reasons reasons={score.reasons.slice(0, N_REASONS)} />
          {score.segment && (
            <p class="fact">
              {w.segment} <b>{w.tag === "en" ? score.segment_en : score.segment_zh}</b>
            </p>
          )}
          <p class="fact">
            {w.spend} <b>{money(score.spend_cny)}</b>
          </p>
          <p class="fact">
            {w.expectedSpend(score.horizon_days)} <b>{money(score.expected_spend_cny)}</b>
          </p>
          {score.offers.length > 0 && (
            <p class="fact">
              {w.offers} <b>{score.offers.slice(0, N_OFFERS).join(w.listComma)}</b>
            </p>
          )}
          {score.new_offers.length > 0 && (
            <p class="fact">
              {w.newOffers} <b>{score.new_offers.slice(0, N_OFFERS).join(w.listComma)}</b>
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** What moved the risk, the strongest first: a bar as long as it weighs, red where it speaks for leaving. */
function Reasons({ reasons }: { reasons: Urgency[] }) {
  const w = words.value;
  const most = Math.max(...reasons.map(({ value }) => Math.abs(value)), 0.01);
  return (
    <ul class="reasons">
      {reasons.map(({ code, value }) => (
        <li key={code} class={value > 0 ? "worse" : "better"}>
          {reasonName(code)} <small>{value > 0 ? w.speaksForLeaving : w.speaksForStaying}</small>
          <progress max={most} value={Math.abs(value)} aria-hidden="true" />
        </li>
      ))}
    </ul>
  );
}
