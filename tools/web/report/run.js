// A run as the page works with it: columns of numbers, and answers about single events. Events are
// spoken of by index, 0 to n - 1; what a person sees is the trace's own number, idOf(index).
import { timeText } from "./words.js";

// Kinds that only an inner look needs; `details` shows them.
const kMinor = new Set(["TIMER_FIRED", "MACHINE_MOVED", "DISK_SYNCED"]);
const kCheckpointEvery = 1024;

export class Run {
  constructor(payload) {
    this.meta = payload;
    this.strings = payload.strings;
    const c = payload.events;
    const n = c.id.length;
    this.n = n;
    this.columns = c;
    this.ids = new Float64Array(n);
    this.at = new Float64Array(n);
    this.lane = Int32Array.from(c.actor);
    this.cause = new Int32Array(n).fill(-1);
    this.minor = new Uint8Array(n);
    let at = 0;
    let id = 0;
    const minorKind = this.strings.map((kind) => kMinor.has(kind));
    for (let i = 0; i < n; i += 1) {
      at += c.at[i];
      this.at[i] = at;
      id += c.id[i];
      this.ids[i] = id;
      if (c.cause[i]) this.cause[i] = this.indexOf(id - c.cause[i], i);
      const quiet =
        minorKind[c.kind[i]] && !/^(error|fail|no space)/i.test(this.text("outcome", i));
      const start = this.text("kind", i) === "ACTOR_STARTED" && this.text("verb", i) === "start";
      this.minor[i] = quiet || start ? 1 : 0;
    }
    this.readMessages(payload);
    this.readSpans(payload);
    this.readStates(payload);
    this.story = payload.story.map((s) => ({ ...s, at: this.indexOf(s.event) }));
    this.violations = payload.violations.map((v) => ({ ...v, at: this.indexOf(v.event) }));
    this.crypto = this.kmsCalls();
    this.lag = (payload.lag ?? []).map((link) => this.lagOf(link));
    this.violated = new Set(this.violations.map((v) => v.at));
    this.cone = this.setOf(payload.cone);
  }

  get regions() {
    return this.meta.regions;
  }

  // Events of a link are told by how far they lie behind each other.
  lagOf(link) {
    let id = 0;
    const at = link.event.map((more) => this.indexOf((id += more)));
    return { ...link, secret: this.strings[link.secret], at };
  }

  // What a trace knows of a message's content: of what it was, and what came of it.
  contentOf(message) {
    const fields = [];
    for (const got of message.got) {
      for (const i of this.children(got)) {
        const e = this.event(i);
        if (e.kind === "REPLICA_APPLIED") {
          fields.push(["Secret", e.subject], ["Change", String(e.number)]);
          const why = e.text || e.outcome;
          fields.push(["What came of it", why ? `${e.verb}: ${why}` : e.verb]);
        } else if (e.kind === "REPLICATION_STATUS") {
          fields.push(["Secret", e.subject], ["Change", String(e.number)]);
          fields.push(["What came of it", e.text ? `${e.outcome}: ${e.text}` : e.outcome]);
        } else if (e.kind === "MACHINE_MOVED" && fields.length === 0) {
          fields.push(["Secret", e.subject]);
        }
      }
    }
    const seen = new Set();
    return fields.filter(([name, value]) => {
      const key = `${name} ${value}`;
      return !seen.has(key) && seen.add(key);
    });
  }

  // Those of AWS's reasons that this event's text gives; undefined: none.
  reasonAt(i) {
    const kind = this.text("kind", i);
    if (kind !== "REPLICATION_STATUS" && kind !== "REPLICA_APPLIED") return undefined;
    const text = this.text("text", i);
    return (this.meta.reasons ?? []).find((reason) => text.includes(reason.message));
  }

  // What KMS was asked for.
  kmsCalls() {
    const kind = this.strings.indexOf("KMS_CALL");
    const calls = [];
    for (let i = 0; i < this.n; i += 1) {
      if (this.columns.kind[i] !== kind) continue;
      calls.push({
        at: i,
        lane: this.lane[i],
        operation: this.text("verb", i),
        key: this.text("subject", i),
        context: this.text("text", i),
        outcome: this.text("outcome", i),
      });
    }
    return calls;
  }

  // The index of a trace id among the first `n`; -1: it is not in this page. Ids ascend.
  indexOf(id, n = this.n) {
    let low = 0;
    let high = n - 1;
    if (this.ids[id - 1] === id) return id - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.ids[middle] === id) return middle;
      if (this.ids[middle] < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  setOf(ids) {
    return new Set(ids.map((id) => this.indexOf(id)).filter((i) => i >= 0));
  }

  text(column, i) {
    const values = this.columns[column];
    return values ? (this.strings[values[i]] ?? "") : "";
  }

  event(i) {
    const c = this.columns;
    const row = { i, id: this.ids[i], at: this.at[i], lane: this.lane[i], peer: c.peer[i] };
    for (const name of ["kind", "subject", "verb", "outcome", "text", "words"]) {
      row[name] = this.text(name, i);
    }
    row.number = c.number[i];
    const digest = c.digest?.[i];
    row.digest = digest ? digest.toString(16).padStart(8, "0") : "";
    row.cause = this.cause[i];
    return row;
  }

  regionName(lane) {
    return lane >= 0 ? this.regions[lane] : "";
  }

  readMessages(payload) {
    this.messageAt = new Int32Array(this.n).fill(-1);
    const latencies = new Map();
    this.messages = payload.messages.map((m, index) => {
      const message = {
        index,
        type: this.strings[m.type],
        from: m.from,
        to: m.to,
        sent: this.indexOf(m.sent),
        got: m.got.map((id) => this.indexOf(id)).filter((i) => i >= 0),
        lost: m.lost ? this.indexOf(m.lost) : -1,
        why: this.strings[m.why] ?? "",
        fields: m.fields ?? [],
        delayed: Boolean(m.delayed),
      };
      for (const i of [message.sent, message.lost, ...message.got]) {
        if (i >= 0) this.messageAt[i] = index;
      }
      if (message.sent >= 0 && message.got.length) {
        const link = `${m.from} ${m.to}`;
        message.latency = this.at[message.got[0]] - this.at[message.sent];
        if (!latencies.has(link)) latencies.set(link, []);
        latencies.get(link).push(message.latency);
      }
      return message;
    });
    // Late is what took four times as long as its link's messages usually do.
    const usual = new Map();
    for (const [link, values] of latencies) {
      values.sort((a, b) => a - b);
      usual.set(link, values[(values.length - 1) >> 1]);
    }
    for (const m of this.messages) {
      if (m.latency > 4 * usual.get(`${m.from} ${m.to}`)) m.delayed = true;
    }
    const count = new Map();
    for (const m of this.messages) count.set(m.type, (count.get(m.type) ?? 0) + 1);
    this.messageTypes = [...count.keys()].sort(
      (a, b) => count.get(b) - count.get(a) || (a < b ? -1 : 1),
    );
  }

  // Calls and faults: what begins and ends.
  readSpans(payload) {
    this.calls = [];
    const open = new Map();
    for (let i = 0; i < this.n; i += 1) {
      const kind = this.text("kind", i);
      if (kind === "CALL_STARTED" || kind === "SERVICE_CALL_STARTED") {
        const call = {
          lane: this.lane[i],
          begin: i,
          end: -1,
          verb: this.text("verb", i),
          outcome: "",
        };
        open.set(`${kind[0]}${this.lane[i]} ${this.columns.number[i]}`, call);
        this.calls.push(call);
      } else if (kind === "CALL_ENDED" || kind === "SERVICE_CALL_ENDED") {
        const call = open.get(`${kind[0]}${this.lane[i]} ${this.columns.number[i]}`);
        if (!call) continue;
        call.end = i;
        call.outcome = this.text("outcome", i);
      }
    }
    this.faults = payload.faults.map((f) => ({
      ...f,
      name: this.strings[f.name],
      kind: this.strings[f.kind],
      words: this.strings[f.words],
      begin: this.indexOf(f.begin),
      end: f.end ? this.indexOf(f.end) : -1,
    }));
    this.faultAt = new Map();
    for (const fault of this.faults) {
      this.faultAt.set(fault.begin, fault);
      if (fault.end >= 0) this.faultAt.set(fault.end, fault);
    }
  }

  readStates(payload) {
    this.changes = payload.state
      .map((s) => ({
        at: this.indexOf(s.event),
        lane: s.lane,
        what: this.strings[s.what],
        of: this.strings[s.of],
        value: this.strings[s.value],
      }))
      .filter((s) => s.at >= 0);
    this.checkpoints = [];
    const state = new Map();
    this.changes.forEach((change, k) => {
      if (k % kCheckpointEvery === 0) this.checkpoints.push(new Map(state));
      state.set(`${change.lane}\n${change.what}\n${change.of}`, change);
    });
  }

  // The last change of everything that has a state, when event `i` has happened.
  stateAt(i) {
    let low = 0;
    let high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.changes[middle].at <= i) low = middle + 1;
      else high = middle;
    }
    const block = Math.min(Math.floor(low / kCheckpointEvery), this.checkpoints.length - 1);
    const state = new Map(block >= 0 ? this.checkpoints[block] : []);
    for (let k = Math.max(0, block) * kCheckpointEvery; k < low; k += 1) {
      const change = this.changes[k];
      state.set(`${change.lane}\n${change.what}\n${change.of}`, change);
    }
    return state;
  }

  // What event `i` follows from: its cause, and of a delivery the sending.
  parents(i) {
    const found = [];
    if (this.cause[i] >= 0) found.push(this.cause[i]);
    const message = this.messages[this.messageAt[i]];
    if (message && message.sent !== i && message.sent >= 0 && !found.includes(message.sent)) {
      found.push(message.sent);
    }
    return found;
  }

  children(i) {
    const found = [];
    for (let k = i + 1; k < this.n && found.length < 20; k += 1) {
      if (this.cause[k] === i) found.push(k);
    }
    const message = this.messages[this.messageAt[i]];
    if (message && message.sent === i) {
      for (const k of [...message.got, message.lost]) {
        if (k >= 0 && !found.includes(k)) found.push(k);
      }
    }
    return found;
  }

  coneOf(i) {
    const seen = new Set();
    const todo = [i];
    while (todo.length) {
      const next = todo.pop();
      if (seen.has(next)) continue;
      seen.add(next);
      todo.push(...this.parents(next));
    }
    return seen;
  }

  // Lamport's ranks: an event comes after its cause, after what its region did before, and a
  // message's arrival after its sending. What happens to the whole world comes after all before it.
  get ranks() {
    if (this.ranks_) return this.ranks_;
    const ranks = new Int32Array(this.n);
    const last = new Int32Array(this.regions.length);
    let top = 0;
    let floor = 0;
    for (let i = 0; i < this.n; i += 1) {
      const lane = this.lane[i];
      let rank;
      if (lane < 0) {
        rank = top + 1;
        floor = rank;
      } else {
        rank = Math.max(floor, last[lane]);
        if (this.cause[i] >= 0) rank = Math.max(rank, ranks[this.cause[i]]);
        const message = this.messages[this.messageAt[i]];
        if (message && message.sent >= 0 && message.sent < i) {
          rank = Math.max(rank, ranks[message.sent]);
        }
        rank += 1;
        last[lane] = rank;
      }
      ranks[i] = rank;
      top = Math.max(top, rank);
    }
    this.ranks_ = ranks;
    return ranks;
  }

  // The last event at or before a time.
  lastAt(time) {
    let low = 0;
    let high = this.n;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at[middle] <= time) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  label(i) {
    return `#${this.ids[i]}, ${timeText(this.at[i])}`;
  }
}

// The first event in which two runs differ; -1: none, or they have no event in common.
export function firstDifference(one, other) {
  const n = Math.min(one.n, other.n);
  const columns = ["kind", "subject", "verb", "outcome", "digest"];
  for (let i = 0; i < n; i += 1) {
    if (
      one.at[i] !== other.at[i] ||
      one.lane[i] !== other.lane[i] ||
      columns.some((column) => one.text(column, i) !== other.text(column, i))
    ) {
      return i ? i : -1;
    }
  }
  return one.n === other.n ? -1 : n;
}
