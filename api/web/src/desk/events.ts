/** What happened in a conversation beside what was said, as a sentence. */

import { decisionName } from "./codes";
import { calledBy } from "./state/people";
import type { Post } from "./values";
import { language } from "./words";

export function eventName({ event, author, data, text }: Post): string {
  const who = calledBy(author);
  const to = data.to ? calledBy(String(data.to)) : null;
  const score = Number(data.score ?? 0);
  const stars = "★".repeat(score) + "☆".repeat(Math.max(0, 5 - score));
  const reason = data.reason ? decisionName(String(data.reason)) : "";
  const said: Record<string, [zh: string, en: string]> = {
    joined: [`${who} 接手了会话`, `${who} took the conversation`],
    waiting: [`转人工：${reason}`, `Handed over: ${reason}`],
    handed_back: [`${who} 交还给机器人`, `${who} handed back to the bot`],
    transferred: [`${who} 转接给 ${to ?? "队列"}`, `${who} transferred to ${to ?? "the queue"}`],
    closed: [`${who} 结束了会话`, `${who} closed the conversation`],
    reopened: ["客户再次留言，会话重新打开", "The customer wrote again; the conversation is open"],
    csat_asked: ["已请客户评价", "The customer was asked for a rating"],
    csat_given: [`客户评价 ${stars}${text && `：${text}`}`, `The customer rated ${stars}${text && `: ${text}`}`],
  };
  return said[event]?.[language.value === "zh" ? 0 : 1] ?? (text || event.replaceAll("_", " "));
}
