// Reports of runs that nobody ran: any size, any text. The page is that of the command; what lies
// in it is replaced.
import { gzipSync } from "node:zlib";

const kRegions = ["us-east-1", "eu-west-1", "ap-south-1"];

class Writer {
  constructor() {
    this.strings = new Map([["", 0]]);
    this.events = Object.fromEntries(
      [
        "id",
        "at",
        "kind",
        "actor",
        "peer",
        "cause",
        "number",
        "subject",
        "verb",
        "outcome",
        "text",
        "words",
      ].map((name) => [name, []]),
    );
    this.now = 0;
    this.last = 0;
  }

  string(text) {
    if (!this.strings.has(text)) this.strings.set(text, this.strings.size);
    return this.strings.get(text);
  }

  event(kind, { actor = -1, peer = -1, cause = 0, number = 0, ...texts } = {}) {
    const e = this.events;
    const id = e.id.length + 1;
    e.id.push(id);
    e.at.push(this.now - this.last);
    this.last = this.now;
    e.kind.push(this.string(kind));
    e.actor.push(actor);
    e.peer.push(peer);
    e.cause.push(cause);
    e.number.push(number);
    for (const name of ["subject", "verb", "outcome", "text", "words"]) {
      e[name].push(this.string(texts[name] ?? ""));
    }
    return id;
  }

  // Ids one after the other, and causes by how far they lie back.
  columns() {
    const { id, cause } = this.events;
    return {
      ...this.events,
      id: id.map(() => 1),
      cause: cause.map((earlier, i) => (earlier ? id[i] - earlier : 0)),
    };
  }
}

// A run of `events` events: a primary that replicates to two Regions, each third change delayed,
// each seventh lost; a cut now and then. The last event is a violation. `markup` is put wherever a
// text of the scenario may stand.
export function madeUpRun({ events = 57, markup = "" } = {}) {
  const run = new Writer();
  const secret = `production/db${markup}`;
  const [messages, faults, state, story] = [[], [], [], []];
  const say = (event, lane, what, of, value) =>
    state.push({
      event,
      lane,
      what: run.string(what),
      of: run.string(of),
      value: run.string(value),
    });
  for (let round = 1; run.events.id.length < events - 12; round += 1) {
    run.now += round % 5 ? 2_000_000 : 900_000_000;
    if (round % 40 === 3) {
      const begin = run.event("FAULT_APPLIED", {
        verb: "cut",
        subject: "us-east-1<->eu-west-1",
        number: round,
      });
      faults.push({
        name: run.string(markup),
        kind: run.string("cut"),
        words: run.string(`the network is cut${markup}`),
        lanes: [0, 1],
        link: true,
        begin,
        end: 0,
      });
    }
    if (round % 40 === 23) {
      faults[faults.length - 1].end = run.event("FAULT_HEALED", {
        verb: "cut",
        subject: "us-east-1<->eu-west-1",
      });
    }
    const call = run.event("CALL_STARTED", {
      actor: 0,
      verb: "PutSecretValue",
      subject: secret,
      number: round,
    });
    run.now += 4_000_000;
    const kms = run.event("KMS_CALL", {
      actor: 0,
      verb: "GenerateDataKey",
      subject: "alias/db",
      outcome: "OK",
      text: secret,
      cause: call,
    });
    run.event("STORE_COMMITTED", {
      actor: 0,
      subject: secret,
      number: round,
      verb: "PutSecretValue",
      cause: kms,
    });
    const lane = 1 + (round % 2);
    const sent = run.event("MESSAGE_SENT", {
      actor: 0,
      peer: lane,
      verb: "Replicate",
      number: round,
      cause: call,
    });
    say(sent, 0, "status", kRegions[lane], "InProgress");
    const answer = run.event("CALL_ENDED", {
      actor: 0,
      verb: "PutSecretValue",
      subject: secret,
      outcome: "OK",
      number: round,
      cause: call,
    });
    if (round % 9 === 1 && story.length < 15) {
      story.push({
        event: answer,
        text: `us-east-1 answers PutSecretValue of ${secret}.`,
        because: [call],
        tone: "good",
      });
    }
    run.now += round % 3 ? 30_000_000 : 400_000_000;
    const message = {
      type: run.string("Replicate"),
      from: 0,
      to: lane,
      sent,
      got: [],
      lost: 0,
      why: 0,
    };
    messages.push(message);
    if (round % 7 === 0) {
      message.lost = run.event("MESSAGE_DROPPED", {
        actor: lane,
        peer: 0,
        verb: "Replicate",
        outcome: "cut",
        cause: sent,
        number: round,
      });
      message.why = run.string("cut");
      continue;
    }
    const got = run.event("MESSAGE_DELIVERED", {
      actor: lane,
      peer: 0,
      verb: "Replicate",
      cause: sent,
      number: round,
    });
    message.got.push(got);
    run.event("REPLICA_APPLIED", {
      actor: lane,
      peer: 0,
      subject: secret,
      verb: "applied",
      number: round,
      cause: got,
    });
    say(got, lane, "role", secret, "Replica");
    say(got, 0, "status", kRegions[lane], "InSync");
  }
  run.now += 1_000_000;
  while (run.events.id.length < events - 1) run.event("TIMER_FIRED", { actor: 0 });
  const cause = messages[messages.length - 1].got[0] ?? messages[messages.length - 1].sent;
  const violation = run.event("VIOLATION", {
    subject: "S12 PromotedFenced",
    text: `found${markup}`,
    cause,
  });
  story.push({
    event: violation,
    text: `A promoted secret has changed${markup}.`,
    because: [cause],
    tone: "bad",
  });
  return {
    format: 1,
    title: `A run that nobody ran${markup}`,
    description: `Made up.${markup}`,
    file: `made_up${markup}.textproto`,
    seed: "7",
    hash: "0123456789abcdef0123456789abcdef",
    build: "test",
    verdict: "BROKEN",
    command: `faultline run made_up${markup}.textproto --seed 7`,
    epoch: "2026-01-01T00:00:00Z",
    ended_ns: run.now,
    calls: 1,
    messages_sent: messages.length,
    regions: kRegions,
    events: run.columns(),
    messages,
    faults,
    state,
    story,
    violations: [
      {
        property: "S12",
        title: "PromotedFenced",
        sentence: `What the old primary sends changes nothing${markup}.`,
        why: "Because.",
        aws: "",
        found: `found${markup}`,
        event: violation,
        witness: [cause],
        where: "",
      },
    ],
    properties: [
      { id: "S12", title: "PromotedFenced", kind: "always", checks: 3, broken: true },
      { id: "S15", title: "RemovedStaysRemoved", kind: "always", checks: 0, broken: false },
      { id: "L02", title: "EventuallyInSync", kind: "eventually", checks: 2, broken: false },
    ],
    cone: [cause, violation],
    twin: null,
    strings: [...run.strings.keys()],
  };
}

// `page` with another run in it; `packed` may be anything.
export function withPayload(page, packed) {
  const marked = /(<script[^>]*id="run">)[^<]*(<\/script>)/;
  if (!marked.test(page)) throw new Error("this page holds no run");
  return page.replace(marked, (_, open, close) => `${open}${packed}${close}`);
}

export const packed = (run) => gzipSync(JSON.stringify(run), { level: 9 }).toString("base64");
