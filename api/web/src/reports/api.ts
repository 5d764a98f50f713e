/** The routes of reports. The cookie of the desk carries the session, a header proves that this page asks. */

export interface Report {
  report_id: string;
  source: string;
  days: number;
  compare: boolean;
  asked_by: string;
  asked_at: string;
  state: "waiting" | "running" | "done" | "failed";
  stage: "" | "reading" | "counting";
  n_done: number;
  n_total: number | null;
  n: number;
  headline: string;
  error: string;
}

export interface Wish {
  file: File | null; // none: our own conversations
  days: number;
  compare: boolean;
  language: "zh" | "en";
}

/** `status` 0: the server could not be asked at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

let csrf = "";

export async function signedIn(): Promise<void> {
  const session = await call<{ csrf: string; must_change_password: boolean }>("GET", "/v1/session");
  if (session.must_change_password) throw new Problem(401, "the desk asks for another password first");
  csrf = session.csrf;
}

export const list = async (): Promise<Report[]> => (await call<{ reports: Report[] }>("GET", "/v1/reports")).reports;
export const remove = (id: string) => call<null>("DELETE", `/v1/reports/${encodeURIComponent(id)}`);
export const fileOf = (id: string, format: string) => `/v1/reports/${encodeURIComponent(id)}/file?format=${format}`;

export function ask({ file, days, compare, language }: Wish): Promise<Report> {
  const query = new URLSearchParams({ days: `${days}`, compare: `${compare && days > 0}`, language });
  if (file) query.set("filename", file.name);
  return call<Report>("POST", `/v1/reports?${query}`, file ?? undefined);
}

async function call<T>(method: string, path: string, body?: Blob): Promise<T> {
  const headers: Record<string, string> = method === "GET" ? {} : { "X-Huida-CSRF": csrf };
  if (body) headers["Content-Type"] = "application/octet-stream";
  const answer = await fetch(path, { method, headers, body, cache: "no-store" }).catch(() => null);
  if (!answer) throw new Problem(0, "");
  const json = await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, json?.error?.message ?? `HTTP ${answer.status}`);
  return json as T;
}
