/** The supervisor's page of reports: ask for one, watch it being made, open those that are done. */

import { ask, fileOf, list, Problem, remove, type Report, signedIn } from "./api.ts";
import { messages, say, type Tongue, when, why, type Word } from "./words.ts";

const LOOK_MS = 1_500; // while a report is under way
const REST_MS = 20_000;
const KEY = "huida:reports:language";

const form = document.querySelector<HTMLFormElement>("#ask")!;
const problem = document.querySelector<HTMLElement>("#problem")!;
const rows = document.querySelector<HTMLElement>("#list")!;
const told = document.querySelector<HTMLElement>("#told")!;
const past = document.querySelector<HTMLElement>("#past")!;
const picker = form.elements.namedItem("file") as HTMLInputElement;
const period = form.elements.namedItem("days") as HTMLSelectElement;
const compare = form.elements.namedItem("compare") as HTMLInputElement;
const drawn = new Map<string, { of: string; item: HTMLElement }>(); // report -> its line, and what that shows
let tongue: Tongue = wanted();
let reports: Report[] = [];
let timer = 0;
let away = false; // the server did not answer when it was last asked

function wanted(): Tongue {
  const tag = new URLSearchParams(location.search).get("lang") ?? kept() ?? navigator.language;
  return tag.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is blocked
  }
}

function speak(): void {
  document.documentElement.lang = tongue === "zh" ? "zh-CN" : "en";
  document.title = `慧答 · ${say("title", tongue)}`;
  for (const place of document.querySelectorAll<HTMLElement>("[data-say]"))
    place.textContent = say(place.dataset.say as Word, tongue);
  for (const button of document.querySelectorAll<HTMLElement>("[data-language]"))
    button.setAttribute("aria-pressed", String(button.dataset.language === tongue));
  draw();
}

function tell(text: string): void {
  problem.textContent = text;
  problem.hidden = !text;
}

function explain(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
  tell(error.status === 401 ? say("signIn", tongue) : error.status === 403 ? say("role", tongue)
    : error.status === 0 ? say("away", tongue) : error.message);
}

function make<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, text = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Lines that say what they said stay as they are: whoever stands on one with the keyboard stays there. */
function draw(): void {
  past.hidden = !reports.length;
  document.querySelector<HTMLElement>("#empty")!.hidden = form.hidden || reports.length > 0;
  const items = reports.map(line);
  for (const old of [...rows.children]) if (!items.includes(old as HTMLElement)) old.remove();
  items.forEach((item, i) => rows.children[i] === item || rows.insertBefore(item, rows.children[i] ?? null));
}

function line(report: Report): HTMLElement {
  const of = tongue + JSON.stringify(report);
  const before = drawn.get(report.report_id);
  if (before?.of === of) return before.item;
  const item = row(report);
  drawn.set(report.report_id, { of, item });
  return item;
}

function row(report: Report): HTMLElement {
  const item = make("li", `report ${report.state}`);
  const period = report.days ? say(`days${report.days}` as Word, tongue) ?? `${report.days}` : "";
  const facts = [report.source || say("ours", tongue), period, report.n ? messages(report.n, tongue) : "",
    when(report.asked_at, tongue), report.asked_by];
  item.append(make("p", "facts", facts.filter(Boolean).join(" · ")));
  if (report.state === "done") item.append(make("p", "headline", report.headline), actions(report));
  else if (report.state === "failed")
    item.append(make("p", "error", failure(report)), actions(report));
  else item.append(progress(report));
  return item;
}

const failure = (report: Report): string => `${say("failed", tongue)}${tongue === "zh" ? "：" : ": "}${why(report.error, tongue)}`;

function progress(report: Report): HTMLElement {
  const box = make("div", "progress");
  const bar = make("progress", "");
  if (report.n_total) {
    bar.max = report.n_total;
    bar.value = Math.min(report.n_done, report.n_total);
  }
  const stage = report.state === "waiting" ? "waiting" : report.stage || "starting";
  const count = report.n_total ? ` ${report.n_done.toLocaleString("en")} / ${report.n_total.toLocaleString("en")}` : "";
  box.append(make("span", "", say(stage, tongue) + count), bar);
  bar.setAttribute("aria-label", say(stage, tongue));
  return box;
}

function actions(report: Report): HTMLElement {
  const box = make("p", "actions");
  if (report.state === "done")
    for (const format of ["html", "xlsx", "json"]) {
      const link = make("a", format === "html" ? "open" : "", format === "html" ? say("open", tongue) : format.toUpperCase());
      link.href = fileOf(report.report_id, format);
      if (format === "html") link.target = "_blank";
      link.rel = "noopener";
      box.append(link);
    }
  const button = make("button", "remove", say("remove", tongue));
  button.type = "button";
  button.setAttribute("aria-label", `${say("remove", tongue)} ${report.source || say("ours", tongue)}`);
  button.addEventListener("click", () => {
    if (confirm(say("sure", tongue))) remove(report.report_id).then(look, explain).then(() => past.focus());
  });
  box.append(button);
  return box;
}

/** Read the list, then look again soon while something is under way, and now and then otherwise. */
async function look(): Promise<void> {
  clearTimeout(timer);
  try {
    const before = new Map(reports.map((report) => [report.report_id, report.state]));
    reports = await list();
    if (away) tell("");
    away = false;
    draw();
    for (const report of reports) announce(report, before.get(report.report_id));
  } catch (error) {
    away = true;
    explain(error);
  }
  const busy = reports.some(({ state }) => state === "waiting" || state === "running");
  timer = window.setTimeout(look, busy ? LOOK_MS : REST_MS);
}

/** Screen readers hear the end of a report, not every step of its bar. */
function announce(report: Report, before: Report["state"] | undefined): void {
  if (!before || before === report.state) return;
  if (report.state === "done") told.textContent = `${say("ready", tongue)} ${report.headline}`;
  else if (report.state === "failed") told.textContent = failure(report);
}

function isFile(): boolean {
  return new FormData(form).get("source") === "file";
}

/** What the form must still be told, if anything. */
function missing(file: File | null): Word | null {
  if (!isFile()) return null;
  if (!file) return "noFile";
  return picker.accept.split(",").some((suffix) => file.name.toLowerCase().endsWith(suffix)) ? null : "noTable";
}

form.addEventListener("change", () => {
  document.querySelector<HTMLElement>("#upload")!.hidden = !isFile();
  compare.disabled = period.value === "0"; // nothing lies before all there is
  tell("");
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = isFile() ? (picker.files?.[0] ?? null) : null;
  const lack = missing(file);
  if (lack) return tell(say(lack, tongue)), picker.focus();
  tell("");
  const chosen = new FormData(form);
  const button = form.querySelector<HTMLButtonElement>("button.main")!;
  button.disabled = true; // a second press would ask for a second report
  try {
    await ask({ file, days: Number(chosen.get("days")), compare: chosen.has("compare"), language: tongue });
    await look();
  } catch (error) {
    explain(error);
  } finally {
    button.disabled = false;
  }
});

for (const button of document.querySelectorAll<HTMLElement>("[data-language]"))
  button.addEventListener("click", () => {
    tongue = button.dataset.language as Tongue;
    try {
      localStorage.setItem(KEY, tongue);
    } catch {
      // the choice holds for this page
    }
    speak();
  });

speak();
signedIn().then(() => {
  form.hidden = false;
  return look();
}).catch(explain);
