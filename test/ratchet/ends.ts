// The two ends of a double ratchet, without a handshake before it and without a session around it.
import { fromUtf8, utf8, wipe } from "../../src/bytes.ts";
import { generateDh, generateEcdh } from "../../src/crypto/keys.ts";
import type { Random } from "../../src/crypto/random.ts";
import type { Suite } from "../../src/crypto/suite.ts";
import type { MixedSecret } from "../../src/dake/secret.ts";
import type { RejectionCode, Result } from "../../src/errors.ts";
import { defaultLimits, type Limits } from "../../src/limits.ts";
import { type Opened, open } from "../../src/ratchet/receive.ts";
import { type Sealed, seal } from "../../src/ratchet/send.ts";
import { startAsInitiator, startAsResponder } from "../../src/ratchet/start.ts";
import type { Ratchet } from "../../src/ratchet/state.ts";
import { type DataMessage, type DataSections, encodeDataMessage, encodeSections } from "../../src/wire/data-message.ts";
import { decodeMessage } from "../../src/wire/messages.ts";
import { NOW, seededRandom } from "../support/players.ts";
import { toySuite } from "../support/toy-suite.ts";
import { code, value } from "../wire/results.ts";

export interface EndOptions {
  readonly suite?: Suite;
  readonly limits?: Partial<Limits>;
}

export class End {
  ratchet: Ratchet;
  now: number = NOW;
  mayTryCostly = true;
  readonly suite: Suite;
  readonly random: Random;
  readonly tags: readonly [number, number];
  limits: Limits;

  constructor(ratchet: Ratchet, random: Random, tags: readonly [number, number], options: EndOptions) {
    this.ratchet = ratchet;
    this.random = random;
    this.tags = tags;
    this.suite = options.suite ?? toySuite;
    this.limits = { ...defaultLimits, ...options.limits };
  }

  /** Seals, keeps the new state, and clears what the old one alone held. */
  seal(text: string): Sealed {
    const [senderTag, receiverTag] = this.tags;
    const plaintext = utf8(text);
    const sealed = seal(this.suite, this.random, this.limits, this.ratchet, plaintext, {
      ...{ senderTag, receiverTag, flags: 0 },
    });
    this.ratchet = sealed.ratchet;
    wipe(...sealed.wipe);
    return sealed;
  }

  say(text: string): DataMessage {
    const { sections, mac, revealed } = this.seal(text);
    const message = value(decodeMessage(encodeDataMessage(sections, mac, revealed), this.limits));
    if (message.kind !== "data") throw new Error("not a data message");
    return message;
  }

  /** Says this many things. */
  chatter(count: number): DataMessage[] {
    return Array.from({ length: count }, (_, i) => this.say(`message ${i}`));
  }

  try(message: DataMessage): Result<Opened> {
    const { suite, limits, now, mayTryCostly } = this;
    return open({ suite, limits, now, mayTryCostly }, this.ratchet, message);
  }

  /** Reads, keeps the new state, and clears what the old one alone held. */
  hear(message: DataMessage): string {
    const opened = value(this.try(message));
    this.ratchet = opened.ratchet;
    wipe(...opened.wipe);
    return fromUtf8(opened.plaintext);
  }

  /** Why it is not read. */
  refusal(message: DataMessage): RejectionCode | "accepted" {
    return code(this.try(message));
  }
}

/** The message with other fields under the same MAC, as somebody on the way would change it. */
export function altered(message: DataMessage, changes: Partial<DataSections>): DataMessage {
  const fields = { ...message, ...changes };
  return { ...fields, sections: encodeSections(fields) };
}

/** Initiator and responder, right after the handshake. */
export function ends(options: EndOptions = {}): readonly [End, End] {
  const { suite = toySuite } = options;
  const [bob, alice] = [seededRandom("bob"), seededRandom("alice")];
  const secret = (): MixedSecret => new Uint8Array(64).fill(9) as MixedSecret;
  const ours = { ecdh: generateEcdh(suite, bob), dh: generateDh(suite, bob) };
  const theirs = { ecdh: generateEcdh(suite, alice), dh: generateDh(suite, alice) };
  const initiator = startAsInitiator(suite, bob, {
    secret: secret(),
    ourFirstEcdh: ours.ecdh,
    ourFirstDh: ours.dh,
    theirFirstEcdh: theirs.ecdh.public,
    theirFirstDh: theirs.dh.public,
  });
  const responder = startAsResponder(suite, {
    secret: secret(),
    ourFirstEcdh: theirs.ecdh,
    ourFirstDh: theirs.dh,
    theirFirstEcdh: ours.ecdh.public,
    theirFirstDh: ours.dh.public,
  });
  return [new End(initiator, bob, [0x100, 0x101], options), new End(responder, alice, [0x101, 0x100], options)];
}

/** Both speak in turn until the newest ratchet has this number; its first message has been read. */
export function upTo(number: number, [initiator, responder]: readonly [End, End]): void {
  for (let n = Math.max(initiator.ratchet.latest, responder.ratchet.latest); n <= number; n++) {
    const [from, to] = n % 2 === 0 ? [initiator, responder] : [responder, initiator];
    to.hear(from.say(`in ${n}`));
  }
}
