/** Instants and durations in words, on the agent's own clock. */

import { computed, signal } from "@preact/signals";
import { language, words } from "./words";

const TICK_MS = 10_000;

export const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), TICK_MS);

const formats = computed(() => {
  const { tag } = words.value;
  return {
    clock: new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    day: new Intl.DateTimeFormat(tag, { month: "short", day: "numeric", weekday: "short" }),
    date: new Intl.DateTimeFormat(tag, { year: "numeric", month: "short", day: "numeric" }),
    number: new Intl.NumberFormat(tag, { maximumFractionDigits: 1 }),
    percent: new Intl.NumberFormat(tag, { style: "percent" }),
    money: new Intl.NumberFormat(tag, { style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol" }),
    wholeMoney: new Intl.NumberFormat(tag, {
      style: "currency",
      currency: "CNY",
      currencyDisplay: "narrowSymbol",
      maximumFractionDigits: 0,
    }),
  };
});

export const clock = (instant: string) => formats.value.clock.format(new Date(instant));
export const day = (instant: string) => formats.value.day.format(new Date(instant));
export const date = (instant: string) => formats.value.date.format(new Date(instant));
export const number = (value: number) => formats.value.number.format(value);
export const percent = (share: number) => formats.value.percent.format(share);
export const money = (amountCny: number) => formats.value.money.format(amountCny);

/** Of estimates: nobody foresees a fen. */
export const wholeMoney = (amountCny: number) => formats.value.wholeMoney.format(amountCny);

/** The clock today, the day before that. */
export function when(instant: string): string {
  return new Date(instant).toDateString() === new Date(now.value).toDateString() ? clock(instant) : day(instant);
}

/** 45 秒, 4 分钟, 2 小时, 3 天: one unit says enough. */
export function lasting(seconds: number): string {
  const zh = language.value === "zh";
  const in_ = (value: number, unitZh: string, unitEn: string) => `${Math.floor(value)} ${zh ? unitZh : unitEn}`;
  if (seconds < 60) return in_(Math.max(0, seconds), "秒", "s");
  if (seconds < 3_600) return in_(seconds / 60, "分钟", "min");
  if (seconds < 86_400) return in_(seconds / 3_600, "小时", "h");
  return in_(seconds / 86_400, "天", "d");
}
