// What the server says of itself, as it comes: `hello`, `world` and `run`, read from its stream of
// events.
import { Run } from "../report/run.js";
import { learnReasons } from "./flow/reasons.js";
import { ApiError } from "./api.js";

const kFirstWaitMs = 500;
const kLongestWaitMs = 10_000;
// The server says that it is still there every 15 s.
const kSilenceMs = 40_000;
const kGoneAfter = 4;

// The messages of a stream of server-sent events; pieces may end anywhere.
export class EventParser {
  constructor() {
    this.text = "";
    this.name = "";
    this.data = [];
  }

  // The messages that this piece completes: [name, data].
  push(piece) {
    const found = [];
    this.text += piece;
    for (;;) {
      const end = this.text.indexOf("\n");
      if (end < 0) return found;
      const line = this.text.slice(0, end).replace(/\r$/, "");
      this.text = this.text.slice(end + 1);
      if (line === "") {
        if (this.data.length) found.push([this.name || "message", this.data.join("\n")]);
        this.name = "";
        this.data = [];
      } else if (line[0] !== ":") {
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (field === "event") this.name = value;
        if (field === "data") this.data.push(value);
      }
    }
  }
}

// link  "connecting", "live", "waiting" (until `retryAt`), "gone" (the same, for long), "refused"
export class Store {
  constructor(api) {
    this.api = api;
    this.state = { link: "connecting", hello: null, world: null, run: null, why: "", back: 0 };
    this.listeners = new Set();
    this.failures = 0;
    this.wake = null;
    this.stopped = false;
  }

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(change) {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener(this.state);
  }

  stop() {
    this.stopped = true;
    this.abort?.abort();
    this.wake?.();
  }

  tryNow() {
    this.wake?.();
  }

  async start() {
    while (!this.stopped) {
      try {
        await this.listen();
      } catch (error) {
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
          this.set({ link: "refused", why: error.message });
          return;
        }
      }
      if (this.stopped) return;
      this.failures += 1;
      const wait = Math.min(kLongestWaitMs, kFirstWaitMs * 2 ** (this.failures - 1));
      const link = this.failures >= kGoneAfter ? "gone" : "waiting";
      this.set({ link, retryAt: performance.now() + wait });
      await new Promise((done) => {
        this.wake = done;
        setTimeout(done, wait);
      });
    }
  }

  async listen() {
    this.abort = new AbortController();
    const answer = await this.api.fetch("events", { signal: this.abort.signal });
    if (!answer.ok) {
      throw new ApiError("Refused", (await answer.text()).trim(), answer.status);
    }
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => this.abort.abort(), kSilenceMs);
    };
    try {
      for (;;) {
        heard();
        const { done, value } = await reader.read();
        if (done) return;
        this.take(parser.push(value));
      }
    } finally {
      clearTimeout(silence);
    }
  }

  // What comes together is shown together.
  take(messages) {
    if (messages.length === 0) return;
    const change = {};
    for (const [name, data] of messages) {
      if (name === "hello" || name === "world") change[name] = JSON.parse(data);
      if (name === "run") change.payload = data;
    }
    // Of several runs only the last is shown, so only that is worth reading.
    if (change.payload) {
      change.run = new Run(JSON.parse(change.payload));
      delete change.payload;
    }
    if (change.world) change.heardAt = performance.now();
    if (change.hello) {
      learnReasons(change.hello.reasons);
      change.link = "live";
      if (this.state.hello) change.back = this.state.back + 1;
      this.failures = 0;
    }
    this.set(change);
  }
}
