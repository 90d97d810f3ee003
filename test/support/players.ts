// Players: endpoints with a clock and randomness of their own, which talk by handing texts to each other.
import { utf8 } from "../../src/bytes.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import type { Random } from "../../src/crypto/random.ts";
import type { Suite } from "../../src/crypto/suite.ts";
import { defaultLimits, type Limits } from "../../src/limits.ts";
import { createIdentity, type LocalIdentity } from "../../src/profile/identity.ts";
import { type Content, close, createEndpoint, send, start } from "../../src/session/actions.ts";
import type { Budget } from "../../src/session/budget.ts";
import { commit } from "../../src/session/commit.ts";
import { receive } from "../../src/session/receive.ts";
import type { Env, SessionEvent, Step } from "../../src/session/step.ts";
import { tick } from "../../src/session/tick.ts";
import type { Conversation, Endpoint, Policy, Session } from "../../src/session/types.ts";
import { parseIncoming } from "../../src/wire/armor.ts";
import type { DataMessage } from "../../src/wire/data-message.ts";
import { decodeMessage, type Message } from "../../src/wire/messages.ts";
import { toySuite } from "./toy-suite.ts";

export const NOW = 1_763_000_000;

export interface PlayerOptions {
  readonly suite?: Suite;
  readonly limits?: Partial<Limits>;
  readonly policy?: Partial<Policy>;
  readonly budget?: Budget;
  readonly identity?: LocalIdentity;
  readonly shared?: readonly Uint8Array[];
  readonly now?: number;
}

/** The same draws for the same seed, without end. */
export function seededRandom(seed: string): Random {
  let draws = 0;
  return (kind, size) => nodeSuite.shake256(size, utf8(`${seed} ${draws++} ${kind}`));
}

/** One device. Every step is committed as it is made; the events of all steps are kept. */
export class Player {
  endpoint: Endpoint;
  env: Env;
  events: SessionEvent[] = [];

  constructor(name: string, peer: string, options: PlayerOptions = {}) {
    const { suite = toySuite, policy = { answer: "auto" }, now = NOW, shared = [] } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const random = seededRandom(name);
    const identity = options.identity ?? createIdentity(suite, random, { now, limits });
    const context = { ours: utf8(name), theirs: utf8(peer), shared };
    const budget = options.budget === undefined ? {} : { budget: options.budget };
    this.env = { suite, random, now, limits, identity, context, ...budget };
    this.endpoint = createEndpoint(identity.instanceTag, policy);
  }

  get tag(): number {
    return this.endpoint.ourTag;
  }

  /** The newest session. */
  get session(): Session {
    const session = this.endpoint.sessions.at(-1);
    if (session === undefined) throw new Error("there is no session");
    return session;
  }

  get conversation(): Conversation {
    const { current } = this.session;
    if (current === undefined) throw new Error("the conversation is closed");
    return current;
  }

  take(transition: (endpoint: Endpoint, env: Env) => Step): Step {
    const step = transition(this.endpoint, this.env);
    this.endpoint = commit(this.endpoint, step);
    this.events.push(...step.events);
    return step;
  }

  start(receiverTag?: number): string {
    return only(this.take((endpoint, env) => start(endpoint, env, receiverTag)).send);
  }

  receive(text: string): Step {
    return this.take((endpoint, env) => receive(endpoint, text, env));
  }

  /** The text that says this to the peer, who is to get it by `receive`. */
  say(content: string | Content): string {
    return only(this.send(content).send);
  }

  send(content: string | Content): Step {
    const what = typeof content === "string" ? { text: content } : content;
    return this.take((endpoint, env) => send(endpoint, this.session.id, what, env));
  }

  close(): Step {
    return this.take((endpoint, env) => close(endpoint, this.session.id, env));
  }

  tick(): Step {
    return this.take((endpoint, env) => tick(endpoint, env));
  }

  /** Lets the clock go on, without a tick. */
  wait(seconds: number): void {
    this.env = { ...this.env, now: this.env.now + seconds };
  }

  limit(limits: Partial<Limits>): void {
    this.env = { ...this.env, limits: { ...this.env.limits, ...limits } };
  }

  /** The texts of all messages read so far. */
  get texts(): string[] {
    return textsOf(this.events);
  }
}

export type Two = readonly [Player, Player];

/** Two devices that know of each other, and have not said anything. */
export function strangers(options: PlayerOptions = {}, more: readonly [PlayerOptions, PlayerOptions] = [{}, {}]): Two {
  return [
    new Player("alice", "bob", { ...options, ...more[0] }),
    new Player("bob", "alice", { ...options, ...more[1] }),
  ];
}

/** Two devices after a handshake that the first one started; nothing has been said. */
export function friends(options: PlayerOptions = {}, more?: readonly [PlayerOptions, PlayerOptions]): Two {
  const two = strangers(options, more);
  handshake(...two);
  return two;
}

/** Identity of the first, Auth-R of the second, Auth-I of the first, and whatever else that brings about. */
export function handshake(a: Player, b: Player, receiverTag?: number): void {
  carry(a, b, a.take((endpoint, env) => start(endpoint, env, receiverTag)).send);
}

/** Hands texts of `from` to `to`, then all answers in both directions until nobody has anything to say. */
export function carry(from: Player, to: Player, texts: readonly string[]): void {
  if (texts.length === 0) return;
  carry(
    to,
    from,
    texts.flatMap((text) => [...to.receive(text).send]),
  );
}

/** Says something and has it read, with whatever answers that brings about. */
export function tell(from: Player, to: Player, content: string | Content): void {
  carry(from, to, from.send(content).send);
}

export function textsOf(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) => (event.type === "message" ? [event.text] : []));
}

export function eventsOf<T extends SessionEvent["type"]>(
  events: readonly SessionEvent[],
  type: T,
): Extract<SessionEvent, { type: T }>[] {
  return events.filter((event): event is Extract<SessionEvent, { type: T }> => event.type === type);
}

export function only<T>(values: readonly T[]): T {
  if (values.length !== 1) throw new Error(`one expected, not ${values.length}`);
  return values[0] as T;
}

/** The bytes inside the armor. */
export function bytesOf(text: string): Uint8Array {
  const incoming = parseIncoming(text, defaultLimits);
  if (!incoming.ok || incoming.value.kind !== "message") throw new Error("not an OTR message");
  return incoming.value.bytes;
}

export function messageOf<K extends Message["kind"]>(text: string, kind: K): Extract<Message, { kind: K }> {
  const message = decodeMessage(bytesOf(text), defaultLimits);
  if (!message.ok || message.value.kind !== kind) throw new Error(`not a message of kind ${kind}`);
  return message.value as Extract<Message, { kind: K }>;
}

export function dataOf(text: string): DataMessage {
  return messageOf(text, "data");
}
