/** What the browser keeps for us, as JSON; where it refuses (private mode, full, blocked) this page's memory does. */

export class Memory {
  readonly #here = new Map<string, string>();

  constructor(
    private readonly storage: () => Storage,
    private readonly prefix: string,
  ) {}

  /** The kept value, or null when there is none or somebody else's text stands in its place. */
  get<T>(key: string): T | null {
    const json = this.#here.get(key) ?? attempt(() => this.storage().getItem(this.prefix + key));
    return attempt(() => JSON.parse(json ?? "null") as T | null) ?? null;
  }

  set(key: string, value: unknown): void {
    const json = JSON.stringify(value);
    const kept = attempt(() => (this.storage().setItem(this.prefix + key, json), true));
    if (kept) this.#here.delete(key);
    else this.#here.set(key, json);
  }

  remove(key: string): void {
    this.#here.delete(key);
    attempt(() => this.storage().removeItem(this.prefix + key));
  }

  /** The values of all keys that begin with `start`, in no order. */
  all<T>(start: string): T[] {
    const stored = attempt(() => Object.keys(this.storage())) ?? [];
    const keys = stored.filter((key) => this.owns(key)).map((key) => key.slice(this.prefix.length));
    const wanted = [...new Set([...keys, ...this.#here.keys()])].filter((key) => key.startsWith(start));
    return wanted.map((key) => this.get<T>(key)).filter((value): value is T => value !== null);
  }

  owns(storageKey: string | null): boolean {
    return storageKey?.startsWith(this.prefix) ?? false;
  }
}

/** A secret that names a conversation: 256 random bits as hexadecimal digits. */
export function newConversationId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(32)));
}

/** A version 4 UUID; crypto.randomUUID itself is missing on pages without https. */
export function newMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined; // SecurityError, QuotaExceededError or foreign text: the caller has its fall-back
  }
}
