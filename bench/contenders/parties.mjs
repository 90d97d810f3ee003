// Alice and Bob, as an application would drive them: each holds an endpoint and commits every step.

import { attestedContext } from "../../dist/openpgp/context.js";
import {
  commit,
  createEndpoint,
  createIdentity,
  decodeEndpoint,
  defaultLimits,
  encodeEndpoint,
  receive,
  send,
  start,
  systemRandom,
} from "../../dist/otr.js";
import { TEXT } from "./shared.mjs";

/**
 * @typedef {import("../../dist/otr.js").Endpoint} Endpoint
 * @typedef {import("../../dist/otr.js").Env} Env
 * @typedef {import("../../dist/otr.js").Policy} Policy
 * @typedef {import("../../dist/otr.js").Step} Step
 * @typedef {import("../../dist/otr.js").Suite} Suite
 */

/** 2024-02-01, seconds since 1970: when the OpenPGP keys of `vectors/` are valid. */
export const NOW = 1_706_745_600;

const CHAT_ID = new Uint8Array(16).fill(7);

/**
 * @param {Suite} suite
 * @param {number} instanceTag
 */
export function makeIdentity(suite, instanceTag) {
  return createIdentity(suite, systemRandom, { now: NOW, limits: defaultLimits, instanceTag });
}

/**
 * What both pass to their steps.
 *
 * @param {Suite} suite
 * @returns {{ alice: Env, bob: Env }}
 */
export function makeEnvs(suite) {
  const [alice, bob] = [0x101, 0x102].map((tag) => new Uint8Array(21).fill(tag));
  /** @type {(tag: number, ours: Uint8Array, theirs: Uint8Array) => Env} */
  const env = (tag, ours, theirs) => ({
    suite,
    random: systemRandom,
    now: NOW,
    limits: defaultLimits,
    identity: makeIdentity(suite, tag),
    context: attestedContext(ours, theirs, CHAT_ID),
  });
  return { alice: env(0x101, alice, bob), bob: env(0x102, bob, alice) };
}

/** One side: an environment and the endpoint it has got to. */
export class Party {
  /**
   * @param {Env} env
   * @param {Endpoint} endpoint
   */
  constructor(env, endpoint) {
    this.env = env;
    this.endpoint = endpoint;
  }

  /** @param {Step} step */
  take(step) {
    this.endpoint = commit(this.endpoint, step);
    return step;
  }

  get session() {
    const [session] = this.endpoint.sessions;
    if (session === undefined) throw new Error("There is no session.");
    return session;
  }

  /** @returns {readonly string[]} What travels. */
  say(text = TEXT) {
    return this.take(send(this.endpoint, this.session.id, { text }, this.env)).send;
  }

  /** @param {string} message */
  hear(message) {
    return this.take(receive(this.endpoint, message, this.env));
  }

  stored() {
    return encodeEndpoint(this.endpoint);
  }
}

/**
 * A handshake from the first message to a conversation on both sides. Alice sends Identity and Auth-I, Bob Auth-R.
 *
 * @param {{ alice: Env, bob: Env }} envs
 * @param {Partial<Policy>} [policy]
 */
export function shakeHands(envs, policy = {}) {
  const endpoint = (/** @type {Env} */ env) => createEndpoint(env.identity.instanceTag, { answer: "auto", ...policy });
  const alice = new Party(envs.alice, endpoint(envs.alice));
  const bob = new Party(envs.bob, endpoint(envs.bob));
  const identity = alice.take(start(alice.endpoint, alice.env)).send;
  const authR = deliver(identity, bob);
  const authI = deliver(authR, alice);
  deliver(authI, bob);
  if (alice.session.current === undefined || bob.session.current === undefined) throw new Error("No conversation.");
  return { alice, bob };
}

/**
 * @param {readonly string[]} messages
 * @param {Party} to
 */
function deliver(messages, to) {
  return messages.flatMap((message) => to.hear(message).send);
}

/**
 * @param {Party} from
 * @param {Party} to
 * @returns {string} What the last message said.
 */
export function tell(from, to, text = TEXT) {
  let step;
  for (const message of from.say(text)) step = to.hear(message);
  return step === undefined ? "" : messageIn(step).text;
}

/** The message that a step read. @param {Step} step */
export function messageIn({ events }) {
  for (const event of events) if (event.type === "message") return event;
  throw new Error(`No message: ${JSON.stringify(events)}`);
}

/** A conversation at one point of time, from which fresh copies can be taken: a committed endpoint is used up. */
export class Scene {
  /**
   * @param {Party} speaker
   * @param {Party} listener
   */
  constructor(speaker, listener) {
    this.envs = [speaker.env, listener.env];
    this.stored = [speaker.stored(), listener.stored()];
  }

  /** @returns {{ speaker: Party, listener: Party }} */
  play() {
    const [speaker, listener] = this.envs.map((env, i) => new Party(env, decodeEndpoint(this.stored[i])));
    return { speaker, listener };
  }
}
