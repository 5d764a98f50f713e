/** The live channel of one conversation: tells that something is new and up to which sequence number, never what. */

const FIRST_PAUSE_MS = 1_000; // doubles with each try
const LONGEST_PAUSE_MS = 30_000;

/** kind: turn, post, state, or typing when the agent writes. */
export interface Heard {
  sequence: number;
  kind: string;
}

export class Live {
  #source?: EventSource;
  #timer = 0;
  #nTries = 0;

  constructor(
    private readonly address: () => string,
    private readonly heard: (what: Heard) => void,
  ) {}

  /** Connect, or let go: a connection is held only while somebody may say something. */
  follow(isWanted: boolean): void {
    if (isWanted === !!(this.#source || this.#timer)) return;
    if (isWanted) this.#open();
    else this.#close();
  }

  #open(): void {
    this.#timer = 0;
    if (!("EventSource" in window)) return; // then the next message brings what was said meanwhile
    const source = (this.#source = new EventSource(this.address()));
    source.onopen = () => (this.#nTries = 0);
    source.onmessage = ({ data }) => this.heard(JSON.parse(data as string) as Heard);
    source.onerror = () => {
      // the browser itself gives up for good when the answer is no event stream: try ourselves
      this.#close();
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#nTries++, LONGEST_PAUSE_MS);
      this.#timer = window.setTimeout(() => this.#open(), pause * (1 + Math.random() / 4));
    };
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#source?.close();
    this.#source = undefined;
  }
}
