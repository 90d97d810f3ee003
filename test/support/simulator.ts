// A deterministic world of a few devices and a mail-like network between two accounts: every text reaches all devices
// of the other account, in any order, twice, altered or never. Tests drive it with schedules and ask it what went
// wrong.
import { toHex, utf8 } from "../../src/bytes.ts";
import { authenticate } from "../../src/crypto/cipher.ts";
import type { Random } from "../../src/crypto/random.ts";
import type { Suite } from "../../src/crypto/suite.ts";
import { defaultLimits, type Limits } from "../../src/limits.ts";
import { createIdentity, type LocalIdentity } from "../../src/profile/identity.ts";
import * as actions from "../../src/session/actions.ts";
import { commit } from "../../src/session/commit.ts";
import { collect } from "../../src/session/fragments.ts";
import { receive } from "../../src/session/receive.ts";
import type { Env, SessionEvent, Step } from "../../src/session/step.ts";
import { tick } from "../../src/session/tick.ts";
import type { Endpoint, Policy, Reassembly, Session } from "../../src/session/types.ts";
import { parseIncoming } from "../../src/wire/armor.ts";
import type { DataMessage } from "../../src/wire/data-message.ts";
import { parseFragment } from "../../src/wire/fragment.ts";
import { decodeMessage } from "../../src/wire/messages.ts";

export type Account = "alice" | "bob";

export interface Device {
  readonly name: string;
  readonly account: Account;
  readonly identity: LocalIdentity;
  readonly random: Random;
  endpoint: Endpoint;
  /** Texts on their way to this device. */
  readonly inbox: string[];
  /** Everything this device was told. */
  readonly log: SessionEvent[];
}

/** What a schedule says to do; numbers are taken modulo what there is. */
export interface Action {
  readonly kind: (typeof actionKinds)[number];
  readonly device: number;
  readonly pick: number;
}

export const actionKinds = [
  "start",
  "startTo",
  "accept",
  "decline",
  "withdraw",
  "send",
  "send",
  "send",
  "heartbeat",
  "close",
  "tick",
  "deliver",
  "deliver",
  "deliver",
  "deliver",
  "deliver",
  "duplicate",
  "drop",
  "corrupt",
] as const;

/** Random bytes of a seed, so that a schedule replays. */
function seededRandom(suite: Suite, seed: string): Random {
  let counter = 0;
  return (kind, size) => suite.shake256(size, utf8(`${seed}/${kind}/${counter++}`));
}

/** Watches for a key that encrypts two plaintexts: a message and its ciphertext are the only pair a key may show. */
function watchKeys(suite: Suite, onReuse: (key: string) => void): Suite {
  const pairs = new Map<string, string>();
  return {
    ...suite,
    chacha20(key, data) {
      const out = suite.chacha20(key, data);
      const pair = [toHex(data), toHex(out)].sort().join();
      const name = toHex(key);
      const before = pairs.get(name);
      if (before !== undefined && before !== pair) onReuse(name);
      pairs.set(name, pair);
      return out;
    },
  };
}

export class World {
  readonly suite: Suite;
  readonly limits: Limits;
  readonly devices: readonly Device[];
  /** What is wrong, in words; empty as long as every invariant holds. */
  readonly faults: string[] = [];
  now = 1_700_000_000;
  private messages = 0;
  private pieces: readonly Reassembly[] = [];
  /** Data messages that were sent, and whose they are. */
  private readonly sent: { readonly from: Account; readonly text: string; readonly data: DataMessage }[] = [];

  constructor(suite: Suite, seed: string, devices: Record<string, Partial<Policy>>, limits: Partial<Limits> = {}) {
    this.suite = watchKeys(suite, (key) => this.faults.push(`key ${key.slice(0, 16)} encrypted two plaintexts`));
    this.limits = { ...defaultLimits, maxSkip: 20, skippedKeys: 40, ...limits };
    this.devices = Object.entries(devices).map(([name, policy]): Device => {
      const random = seededRandom(suite, `${seed}/${name}`);
      const identity = createIdentity(this.suite, random, { now: this.now, limits: { profileSeconds: 1e9 } });
      const account = name.startsWith("alice") ? "alice" : "bob";
      const endpoint = actions.createEndpoint(identity.instanceTag, policy);
      return { name, account, identity, random, endpoint, inbox: [], log: [] };
    });
  }

  device(index: number): Device {
    return this.devices[index % this.devices.length] as Device;
  }

  env(device: Device): Env {
    const { identity, random } = device;
    const [ours, theirs] = device.account === "alice" ? ["alice", "bob"] : ["bob", "alice"];
    const context = { ours: utf8(ours as string), theirs: utf8(theirs as string), shared: [utf8("chat")] };
    return { suite: this.suite, random, now: this.now, limits: this.limits, identity, context };
  }

  /** Takes one action of a schedule; one that makes no sense now does nothing. */
  act({ kind, device: index, pick }: Action): void {
    const device = this.device(index);
    const { endpoint, inbox } = device;
    const env = this.env(device);
    const session = endpoint.sessions[pick % Math.max(1, endpoint.sessions.length)];
    const invitation = endpoint.invitations[pick % Math.max(1, endpoint.invitations.length)];
    const place = pick % Math.max(1, inbox.length);
    const text = inbox[place];
    if (text !== undefined && ["deliver", "drop", "corrupt"].includes(kind)) inbox.splice(place, 1);
    if (text !== undefined && (kind === "deliver" || kind === "duplicate")) this.deliver(device, text);
    if (text !== undefined && kind === "corrupt") this.deliver(device, corrupted(text, pick));
    if (kind === "start") this.step(device, () => actions.start(endpoint, env));
    if (kind === "withdraw") this.step(device, () => actions.withdraw(endpoint, env));
    if (kind === "tick") {
      this.now += (pick % 7) ** 5 * 60;
      this.step(device, () => tick(endpoint, this.env(device)));
    }
    if (invitation !== undefined) {
      if (kind === "accept") this.step(device, () => actions.acceptInvitation(endpoint, invitation.id, env));
      if (kind === "decline") this.step(device, () => actions.declineInvitation(endpoint, invitation.id, env));
    }
    if (session !== undefined && kind === "close") this.step(device, () => actions.close(endpoint, session.id, env));
    if (session?.current !== undefined) {
      if (kind === "startTo") this.step(device, () => actions.start(endpoint, env, session.peer.tag));
      if (kind === "send") this.say(device, session);
      if (kind === "heartbeat") this.step(device, () => actions.heartbeat(endpoint, session.id, env));
    }
  }

  /** Sends a numbered message and gives its text. */
  say(device: Device, session: Session): string {
    const text = `message ${this.messages++} of ${device.name}`;
    this.step(device, () => actions.send(device.endpoint, session.id, { text }, this.env(device)));
    return text;
  }

  /** Hands over one text; the device must not throw, and must not change when it refuses. */
  deliver(device: Device, text: string): void {
    const before = device.endpoint;
    this.step(device, () => {
      const step = receive(before, text, this.env(device));
      const refused = step.events.length > 0 && step.events.every(({ type }) => type === "rejected");
      // What is refused after the last fragment has come ends the collecting, which is a change.
      if (refused && step.endpoint !== before && !text.startsWith("?OTR|")) {
        this.faults.push(`${device.name} changed by what it refused`);
      }
      return step;
    });
  }

  /** Delivers everything that is under way, and what that brings about, without losses. */
  settle(pick: (bound: number, of: "devices" | "texts") => number): void {
    for (let rounds = 0; rounds < 2000; rounds++) {
      const busy = this.devices.filter(({ inbox }) => inbox.length > 0);
      if (busy.length === 0) return;
      const device = busy[pick(busy.length, "devices")] as Device;
      const [text] = device.inbox.splice(pick(device.inbox.length, "texts"), 1);
      this.deliver(device, text as string);
    }
    this.faults.push("the network does not come to rest");
  }

  private step(device: Device, take: () => Step): void {
    let step: Step;
    try {
      step = take();
    } catch (error) {
      this.faults.push(`${device.name} threw ${String(error)}`);
      return;
    }
    const shown = new Set(device.log.flatMap((event) => (event.type === "message" ? [event.text] : [])));
    device.endpoint = commit(device.endpoint, step);
    device.log.push(...step.events);
    for (const text of step.send) this.post(device.account, text);
    for (const event of step.events) {
      if (event.type === "message") {
        if (shown.has(event.text)) this.faults.push(`${device.name} was shown "${event.text}" twice`);
        if (event.text.endsWith(device.name) || !/^message \d+ of /.test(event.text)) {
          this.faults.push(`${device.name} was shown "${event.text}", which nobody sent it`);
        }
      }
      if (event.type === "mac-keys-revealed" && event.by === "us") this.checkRevealed(device, event.keys);
    }
    this.checkSizes(device);
  }

  private post(from: Account, text: string): void {
    for (const device of this.devices) if (device.account !== from) device.inbox.push(text);
    const collected = text.startsWith("?OTR|") ? this.collect(text) : text;
    const data = collected === undefined ? undefined : dataMessageIn(collected);
    if (data !== undefined) this.sent.push({ from, text: collected as string, data });
  }

  /** Puts fragments together as they are sent, which is in order. */
  private collect(text: string): string | undefined {
    const fragment = parseFragment(text, this.limits);
    if (!fragment.ok) return undefined;
    const collected = collect(this.pieces, fragment.value, this.now, this.limits);
    if (!collected.ok) return undefined;
    this.pieces = collected.value.fragments;
    return collected.value.complete;
  }

  /** A revealed key belongs to a message that was sent to the device and that it cannot accept any more. */
  private checkRevealed(device: Device, keys: readonly Uint8Array[]): void {
    for (const key of keys) {
      const message = this.sent.find(
        ({ from, data }) =>
          from !== device.account && toHex(authenticate(this.suite, key, data.sections)) === toHex(data.mac),
      );
      if (message === undefined) {
        this.faults.push(`${device.name} revealed a MAC key that verifies no message it was sent`);
        continue;
      }
      const again = receive(device.endpoint, message.text, this.env(device));
      if (again.events.some(({ type }) => type === "message" || type === "heartbeat" || type === "disconnected")) {
        this.faults.push(`${device.name} revealed the MAC key of a message that it still accepts`);
      }
    }
  }

  private checkSizes({ name, endpoint }: Device): void {
    const { limits } = this;
    const sound =
      endpoint.invitations.length <= limits.pendingIdentities &&
      endpoint.answers.length <= limits.pendingIdentities &&
      endpoint.seen.length <= limits.seenIdentities &&
      endpoint.buffered.length <= limits.bufferedMessages &&
      endpoint.sessions.length <= limits.sessions &&
      endpoint.sessions.every((session) => (session.current?.ratchet.skipped.length ?? 0) <= limits.skippedKeys);
    if (!sound) this.faults.push(`${name} keeps more than the limits allow`);
  }
}

/** The data message inside a text, if it is one. */
function dataMessageIn(text: string): DataMessage | undefined {
  const incoming = parseIncoming(text, defaultLimits);
  if (!incoming.ok || incoming.value.kind !== "message") return undefined;
  const message = decodeMessage(incoming.value.bytes, defaultLimits);
  return message.ok && message.value.kind === "data" ? message.value : undefined;
}

function corrupted(text: string, pick: number): string {
  const place = (pick * 7919) % text.length;
  const other = text[place] === "A" ? "B" : "A";
  return text.slice(0, place) + other + text.slice(place + 1);
}
