// Expecting a refusal, and what can be refused in a handshake and the first words after it, on the real groups.
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { EMPTY } from "../../src/bytes.ts";
import { DH_PRIME } from "../../src/crypto/dh3072.ts";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import { encodeScalar } from "../../src/crypto/scalar.ts";
import type { RejectionCode } from "../../src/errors.ts";
import { receive } from "../../src/session/receive.ts";
import type { Env, SessionEvent } from "../../src/session/step.ts";
import type { Endpoint } from "../../src/session/types.ts";
import { badPoints } from "../crypto/points.ts";
import { only, type Player, strangers } from "../support/players.ts";

export interface Refused {
  readonly code: RejectionCode;
  readonly unreadable: boolean;
  readonly send: readonly string[];
}

/** Receives a text, expects a refusal that leaves no trace, and tells what it was. */
export function refusal(endpoint: Endpoint, text: string, env: Env): Refused {
  const before = structuredClone([endpoint, env.identity, env.context]);
  const step = receive(endpoint, text, env);
  expect(step.endpoint).toBe(endpoint);
  expect(isDeepStrictEqual([endpoint, env.identity, env.context], before)).toBe(true);
  expect(step.wipe).toEqual([]);
  const event = only(step.events) as Extract<SessionEvent, { type: "rejected" }>;
  expect(event.type).toBe("rejected");
  expect(event.why).toMatch(/^[\x20-\x7e]+$/);
  const { code, unreadable } = event;
  return { code, unreadable, send: step.send };
}

export const silent = (code: RejectionCode): Refused => ({ code, unreadable: false, send: [] });

export interface Conversation {
  readonly bob: Player;
  readonly alice: Player;
  readonly fresh: Endpoint;
  readonly offering: Endpoint;
  readonly answering: Endpoint;
  readonly established: Endpoint;
  readonly identity: string;
  readonly authR: string;
  readonly authI: string;
  readonly data: string;
}

/** Everything that a handshake and its first words bring about, with a copy of the receiver's state before each. */
export function conversation(): Conversation {
  const [bob, alice] = strangers({ suite });
  const fresh = structuredClone(alice.endpoint);
  const identity = bob.start();
  const offering = structuredClone(bob.endpoint);
  const authR = only(alice.receive(identity).send);
  const answering = structuredClone(alice.endpoint);
  const authI = only(bob.receive(authR).send);
  alice.receive(authI);
  const established = structuredClone(alice.endpoint);
  const data = bob.say("ratchet 0");
  return { bob, alice, fresh, offering, answering, established, identity, authR, authI, data };
}

export const points: readonly (readonly [string, Uint8Array])[] = badPoints.filter(([, point]) => point.length === 57);

const mpi = (value: bigint): Uint8Array => {
  const hex = value.toString(16);
  return Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
};

export const badDhKeys: readonly (readonly [string, Uint8Array])[] = [
  ["0", EMPTY],
  ["0 as a byte", Uint8Array.of(0)],
  ["1", Uint8Array.of(1)],
  ["p − 1", mpi(DH_PRIME - 1n)],
  ["p", mpi(DH_PRIME)],
  ["p + 4", mpi(DH_PRIME + 4n)],
  ["a non-residue", mpi(DH_PRIME - 4n)],
  ["leading zeros", Uint8Array.of(0, 0, 4)],
  ["385 bytes", new Uint8Array(385).fill(1)],
];

/** The ring signature with q added to the scalar at this place. */
export function plusOrder(signature: Uint8Array, at: number): Uint8Array {
  const out = signature.slice();
  let scalar = 0n;
  for (let i = 56; i >= 0; i--) scalar = (scalar << 8n) | BigInt(signature[at + i] as number);
  out.set(encodeScalar(scalar + suite.group.order), at);
  return out;
}
