// Two endpoints that talk over arrays: the protocol core, with nothing around it.
import * as otr from "sottovoce/otr";

const { suite, systemRandom: random, defaultLimits: limits } = otr;

/** A device of one person, talking with one other. `outbox` is what it wants to send. */
class Device {
  readonly name: string;
  readonly outbox: string[] = [];
  readonly env: otr.Env;
  endpoint: otr.Endpoint;

  constructor(ours: string, theirs: string) {
    this.name = ours.split("@")[0] ?? ours;
    const now = Date.now() / 1000;
    const bytes = new TextEncoder();
    const identity = otr.createIdentity(suite, random, { now, limits });
    const context = { ours: bytes.encode(ours), theirs: bytes.encode(theirs), shared: [] };
    this.env = { suite, random, now, limits, identity, context };
    this.endpoint = otr.createEndpoint(identity.instanceTag, { answer: "auto" });
  }

  get session(): string {
    return this.endpoint.sessions[0]?.id ?? "";
  }

  take(step: otr.Step): void {
    // An application stores step.endpoint here, durably, before anything is sent.
    this.endpoint = otr.commit(this.endpoint, step);
    this.outbox.push(...step.send);
    for (const event of step.events) console.log(this.name, tell(event));
  }
}

function tell(event: otr.SessionEvent): string {
  switch (event.type) {
    case "established":
      return `talks with ${otr.toHex(event.peerFingerprint.slice(0, 8))}…, session ${otr.toHex(event.ssid)}`;
    case "message":
      return `reads: ${event.text}`;
    case "mac-keys-revealed":
      return `sees ${event.keys.length} MAC key(s) revealed by ${event.by === "us" ? "this side" : "the other side"}`;
    default:
      return event.type;
  }
}

/** Carries messages both ways until there are none. */
function deliver(): void {
  while (alice.outbox.length + bob.outbox.length > 0) {
    for (const text of alice.outbox.splice(0)) bob.take(otr.receive(bob.endpoint, text, bob.env));
    for (const text of bob.outbox.splice(0)) alice.take(otr.receive(alice.endpoint, text, alice.env));
  }
}

const alice = new Device("alice@example.org", "bob@example.org");
const bob = new Device("bob@example.org", "alice@example.org");

alice.take(otr.start(alice.endpoint, alice.env));
deliver();
alice.take(otr.send(alice.endpoint, alice.session, { text: "Can you talk?" }, alice.env));
deliver();
bob.take(otr.send(bob.endpoint, bob.session, { text: "Under my breath." }, bob.env));
deliver();
alice.take(otr.close(alice.endpoint, alice.session, alice.env));
deliver();
