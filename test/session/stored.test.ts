// The stored form, what a commit clears, and states that are used up.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { defaultLimits } from "../../src/limits.ts";
import { isExpired } from "../../src/profile/client.ts";
import {
  acceptInvitation,
  close,
  closeAll,
  declineInvitation,
  heartbeat,
  query,
  send,
  start,
  withdraw,
} from "../../src/session/actions.ts";
import { commit } from "../../src/session/commit.ts";
import { decodeEndpoint, encodeEndpoint } from "../../src/session/encode.ts";
import { receive } from "../../src/session/receive.ts";
import type { Env, Step } from "../../src/session/step.ts";
import { tick } from "../../src/session/tick.ts";
import type { Endpoint } from "../../src/session/types.ts";
import { assembleProfile, encodeProfileFields } from "../../src/wire/client-profile.ts";
import { carry, friends, NOW, only, Player, seededRandom, strangers, tell } from "../support/players.ts";
import { toySuite } from "../support/toy-suite.ts";
import { states } from "./states.ts";

const coded = (code: string) => expect.objectContaining({ name: "SottovoceError", code });

describe("the stored form", () => {
  it.each(states())("of an endpoint with %s gives an equal endpoint", (_, endpoint) => {
    const encoded = encodeEndpoint(endpoint);
    const decoded = decodeEndpoint(encoded);
    expect(decoded).toEqual(endpoint);
    expect(toHex(encodeEndpoint(decoded))).toBe(toHex(encoded));
    expect(structuredClone(decoded)).toEqual(endpoint);
  });

  it("shares no memory with the bytes it was read from", () => {
    const [alice] = friends();
    const encoded = encodeEndpoint(alice.endpoint);
    const decoded = decodeEndpoint(encoded);
    encoded.fill(0);
    expect(decoded).toEqual(alice.endpoint);
  });

  it("goes on in another process where this one stopped", () => {
    const [alice, bob] = strangers();
    const reload = (): void => {
      for (const player of [alice, bob]) player.endpoint = decodeEndpoint(encodeEndpoint(player.endpoint));
    };
    let texts: readonly string[] = [alice.start()];
    for (let turn = 0; texts.length > 0; turn++) {
      reload();
      texts = texts.flatMap((text) => [...(turn % 2 === 0 ? bob : alice).receive(text).send]);
    }
    const late = alice.say("late");
    reload();
    for (let i = 0; i < 5; i++) {
      tell(alice, bob, `a ${i}`);
      reload();
      tell(bob, alice, `b ${i}`);
      reload();
    }
    bob.receive(late);
    expect(bob.texts).toEqual(["a 0", "a 1", "a 2", "a 3", "a 4", "late"]);
    expect(alice.texts.length).toBe(5);
  });

  it("keeps a profile larger than the default limits, if it was accepted under larger ones", () => {
    const [bob, alice] = strangers({ limits: { profileBytes: 10_000 } }, [{}, { policy: { answer: "ask" } }]);
    const { identity } = bob.env;
    const { instanceTag, publicKey, forgingKey, longTermKey } = identity;
    const mpi = [0, 0, 4, 0, ...new Array<number>(1024).fill(1)];
    const fields = {
      ...{ instanceTag, publicKey, forgingKey, versions: "34", expires: BigInt(NOW + 1000) },
      dsaKey: Uint8Array.from([0, 0, ...mpi, ...mpi, ...mpi, ...mpi]),
      transitionalSignature: new Uint8Array(40),
    };
    const profile = assembleProfile(fields, toySuite.group.sign(longTermKey, encodeProfileFields(fields)));
    expect(profile.encoded.length).toBeGreaterThan(defaultLimits.profileBytes);
    expect(isExpired(profile, NOW)).toBe(false);
    bob.env = { ...bob.env, identity: { ...identity, profile } };
    alice.receive(bob.start());
    const id = only(alice.endpoint.invitations).id;
    expect(decodeEndpoint(encodeEndpoint(alice.endpoint))).toEqual(alice.endpoint);
    alice.take((endpoint, env) => acceptInvitation(endpoint, id, env));
    expect(decodeEndpoint(encodeEndpoint(alice.endpoint))).toEqual(alice.endpoint);
  });

  it("of another version, cut off, or with something after it is refused", () => {
    const encoded = encodeEndpoint(friends()[0].endpoint);
    const bad: Uint8Array[] = [new Uint8Array(0), encoded.with(0, 0), encoded.with(0, 2), Uint8Array.of(...encoded, 0)];
    for (let length = 1; length < encoded.length; length += 37) bad.push(encoded.subarray(0, length));
    for (const bytes of bad) expect(() => decodeEndpoint(bytes)).toThrow(coded("BAD_ENCODING"));
  });

  it.each(states())("of an endpoint with %s, damaged anywhere, is refused or read, and nothing else", (_, endpoint) => {
    const encoded = encodeEndpoint(endpoint);
    const random = seededRandom("damage");
    for (let i = 0; i < 150; i++) {
      const draw = new DataView(random("id", 16).buffer);
      const at = draw.getUint32(0) % encoded.length;
      const damaged = encoded.with(at, draw.getUint8(4));
      if (i % 3 === 0) damaged.fill(0xff, at, at + 4);
      const value = read(damaged);
      if (value instanceof Error) expect(value).toMatchObject({ name: "SottovoceError", code: "BAD_ENCODING" });
      else expect(toHex(encodeEndpoint(value)).length).toBeGreaterThan(0);
    }
  });

  function read(bytes: Uint8Array): Endpoint | Error {
    try {
      return decodeEndpoint(bytes);
    } catch (error) {
      return error as Error;
    }
  }
});

/** Every buffer of an endpoint that is named as a secret, however deep. */
function secretsIn(value: unknown, name: string = ""): Uint8Array[] {
  if (value instanceof Uint8Array) return /secret|rootKey|braceKey|chainKey|^key$|extra/i.test(name) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, Array.isArray(value) ? name : key));
}

describe("a commit", () => {
  /** Takes a step, commits it, and checks what was cleared. */
  function watch(player: Player, transition: (endpoint: Endpoint, env: Env) => Step): Step {
    const before = player.endpoint;
    const old = secretsIn(before);
    const copies = old.map((secret) => secret.slice());
    const step = transition(before, player.env);
    old.forEach((secret, i) => {
      expect(toHex(secret)).toBe(toHex(copies[i] as Uint8Array));
    });
    const encoded = toHex(encodeEndpoint(step.endpoint));
    player.endpoint = commit(before, step);
    player.events.push(...step.events);
    expect(toHex(encodeEndpoint(player.endpoint))).toBe(encoded);
    const held = new Set(secretsIn(player.endpoint));
    for (const secret of old) if (!held.has(secret)) expect(secret.every((byte) => byte === 0)).toBe(true);
    for (const secret of held) if (secret.length > 0) expect(secret.some((byte) => byte !== 0)).toBe(true);
    return step;
  }

  it("clears exactly what the new endpoint no longer holds, through a whole life", () => {
    const [alice, bob] = strangers({ limits: { skippedKeys: 3, heartbeatSeconds: 1000 } });
    const hear = (player: Player, text: string): readonly string[] =>
      watch(player, (endpoint, env) => receive(endpoint, text, env)).send;
    const say = (player: Player, text: string): string =>
      only(watch(player, (endpoint, env) => send(endpoint, player.session.id, { text }, env)).send);
    const offer = (player: Player, tag?: number): string =>
      only(watch(player, (endpoint, env) => start(endpoint, env, tag)).send);
    const pass = (player: Player, seconds: number): readonly string[] => {
      player.wait(seconds);
      return watch(player, (endpoint, env) => tick(endpoint, env)).send;
    };
    const deliver = (from: Player, to: Player, texts: readonly string[]): void => {
      if (texts.length > 0)
        deliver(
          to,
          from,
          texts.flatMap((text) => [...hear(to, text)]),
        );
    };

    offer(alice);
    watch(alice, (endpoint, env) => withdraw(endpoint, env));
    const early = offer(alice);
    const [authR] = hear(bob, early);
    const authI = hear(alice, authR as string);
    hear(bob, say(alice, "before Auth-I"));
    deliver(alice, bob, authI);
    for (let i = 0; i < 4; i++) {
      const [first, , , , last] = [0, 1, 2, 3, 4].map(() => say(alice, "x")) as [
        string,
        string,
        string,
        string,
        string,
      ];
      deliver(alice, bob, [last]);
      deliver(alice, bob, [first]);
      deliver(bob, alice, [say(bob, "y")]);
    }
    deliver(bob, alice, [offer(bob, alice.tag)]);
    say(bob, "lost under the new conversation");
    deliver(bob, alice, [say(bob, "first under the new conversation")]);
    deliver(alice, bob, [say(alice, "and back")]);
    offer(alice, bob.tag);
    deliver(bob, alice, [offer(bob, alice.tag)]);
    pass(alice, 100_000);
    pass(bob, 100_000);
    pass(bob, 700_000);
    say(alice, "lost");
    deliver(alice, bob, [say(alice, "read")]);
    const goodbye = watch(alice, (endpoint, env) => close(endpoint, alice.session.id, env)).send;
    for (const text of goodbye) hear(bob, text);
    pass(bob, 100_000);
    expect(bob.endpoint.sessions).toEqual([]);
    deliver(alice, bob, [offer(alice)]);
    for (let i = 0; i < 5; i++) hear(bob, new Player(`device ${i}`, "bob").start());
    watch(bob, (endpoint, env) => closeAll(endpoint, env));
  });

  it("clears a skipped message's keys when that is read after the peer's close", () => {
    const [alice, bob] = friends();
    const late = alice.say("late");
    tell(alice, bob, "read");
    carry(alice, bob, alice.close().send);
    watch(bob, (endpoint, env) => receive(endpoint, late, env));
    expect(bob.texts).toEqual(["read", "late"]);
  });

  it("clears nothing for a step that was refused", () => {
    const [alice] = friends();
    const before = alice.endpoint;
    const step = receive(before, "?OTR:AAAA.", alice.env);
    expect(commit(before, step)).toBe(before);
    alice.say("still usable");
  });
});

describe("a state that was committed past", () => {
  it("is refused by every function that takes one", () => {
    const [alice] = friends();
    const used = alice.endpoint;
    const { id } = alice.session;
    const { env } = alice;
    alice.say("x");
    const step = { endpoint: used, send: [], events: [], wipe: [] };
    const all: (() => unknown)[] = [
      () => start(used, env),
      () => query(used, ""),
      () => receive(used, "hello", env),
      () => acceptInvitation(used, "", env),
      () => declineInvitation(used, "", env),
      () => withdraw(used, env),
      () => send(used, id, { text: "twice under one key" }, env),
      () => heartbeat(used, id, env),
      () => close(used, id, env),
      () => closeAll(used, env),
      () => tick(used, env),
      () => commit(used, step),
    ];
    for (const each of all) expect(each).toThrow(coded("SESSION_CONSUMED"));
  });

  it("is not one whose step was never committed", () => {
    const [alice] = friends();
    const text = (): string | undefined => send(alice.endpoint, alice.session.id, { text: "x" }, alice.env).send[0];
    expect(text()).toBe(text());
  });
});
