/** One call to the server: the cookie carries the session, a header proves that the request comes from this page. */

const TIMEOUT_MS = 30_000; // the server's own request_timeout_s

/** The server says no, and why. `status` 0: it could not be asked at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

let csrf = "";
let onSignedOut: () => void = () => {};

/** What GET and POST /v1/session hand out; every change sends it along. */
export function useToken(token: string): void {
  csrf = token;
}

export function whenSignedOut(then: () => void): void {
  onSignedOut = then;
}

export const get = <T>(path: string) => call<T>("GET", path);
export const post = <T>(path: string, body: object = {}) => call<T>("POST", path, body);
export const put = <T>(path: string, body: object) => call<T>("PUT", path, body);
export const remove = <T>(path: string) => call<T>("DELETE", path);

/** The path of a conversation at the desk. */
export function desk(conversationId: string, rest = ""): string {
  return `/v1/desk/conversations/${encodeURIComponent(conversationId)}${rest && `/${rest}`}`;
}

/** Raises Problem for every answer that is not a success. */
async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const headers: Record<string, string> = method === "GET" ? {} : { "X-Huida-CSRF": csrf };
  if (body) headers["Content-Type"] = "application/json";
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const request = { method, headers, body: body && JSON.stringify(body), cache: "no-store", signal } as const;
  const answer = await fetch(path, request).catch(() => null);
  if (!answer) throw new Problem(0, "unreachable", "the server cannot be reached");
  const json = await answer.json().catch(() => null); // 204, or a portal's page
  if (answer.ok) return json as T;
  if (answer.status === 401 && path !== "/v1/session") onSignedOut();
  throw new Problem(answer.status, json?.error?.code ?? "", json?.error?.message ?? `HTTP ${answer.status}`);
}
