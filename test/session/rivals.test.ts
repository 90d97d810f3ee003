// Both sides start at once, in every order of what they do and receive.
import { describe, expect, it } from "vitest";
import { compareBytes, EMPTY, toHex } from "../../src/bytes.ts";
import { acceptInvitation, start } from "../../src/session/actions.ts";
import type { Step } from "../../src/session/step.ts";
import {
  carry,
  eventsOf,
  handshake,
  Player,
  type PlayerOptions,
  seededRandom,
  type Two,
  tell,
} from "../support/players.ts";
import { afterStep, beginning, hashes, type Move, outcome, outcomes, read, say, type World } from "./orders.ts";

const startTo =
  (tag: number): Move =>
  (endpoint, env) =>
    start(endpoint, env, tag);

/** Accepts the oldest invitation, if there is one. */
const accept: Move = (endpoint, env) => {
  const [invitation] = endpoint.invitations;
  if (invitation === undefined) return { endpoint, send: [], events: [], wipe: [] };
  return acceptInvitation(endpoint, invitation.id, env);
};

/** Numbers below 1, the same for the same seed. */
function numbers(seed: string): () => number {
  const random = seededRandom(seed);
  return () => new DataView(random("id", 16).buffer).getUint32(0) / 2 ** 32;
}

function strangers(seed: number, options: PlayerOptions = {}): Two {
  const [a, b] = [`alice ${seed}`, `bob ${seed}`];
  return [new Player(a, b, options), new Player(b, a, options)];
}

/** Both have talked, in two ratchets each. */
function friends(seed: number): Two {
  const two = strangers(seed);
  handshake(...two);
  for (let i = 0; i < 2; i++) {
    tell(two[0], two[1], "before");
    tell(two[1], two[0], "before");
  }
  return two;
}

/** Both speak in turn from here, and read everything at once. */
function talk(two: Two, world: World): World {
  let so = world;
  for (let turn = 0; turn < 4; turn++) {
    const move = [say(`turn ${turn}`)];
    const moves = turn % 2 === 0 ? ([move, []] as const) : ([[], move] as const);
    so = outcome({ two, moves, ordered: true }, () => 0, { ...so, moved: [0, 0] });
  }
  return so;
}

/**
 * Whatever the order: both speak in the same conversation in the end, and everything that was said has been read. What
 * was overtaken by the new conversation it came before may be lost; then both know.
 */
function expectAgreement(two: Two, world: World, said: readonly [number, number], ordered = true): void {
  const end = talk(two, world);
  const [ours, theirs] = hashes(end);
  expect(ours).toBe(theirs);
  expect(ours).not.toBe("none");
  expect(end.ends.map(({ sessions }) => sessions.length)).toEqual([1, 1]);
  const lost = end.events.map((events) => eventsOf(events, "rejected").filter((event) => event.unreadable).length);
  const complaints = end.events.map((events) => eventsOf(events, "error-message").length);
  if (ordered) expect(lost).toEqual([0, 0]);
  expect(complaints).toEqual([lost[1], lost[0]]);
  const done = read(end).map(({ length }, side) => length + (lost[side] as number));
  expect(done).toEqual([said[1] + 2, said[0] + 2]);
  const codes = end.events.flatMap((events) => eventsOf(events, "rejected").map(({ code }) => code));
  for (const code of codes) expect(["BAD_SIGNATURE", "DUPLICATE", "NO_KEY", "STALE", "UNEXPECTED"]).toContain(code);
  expectCurrentSsid(end);
}

/** The last SSID that each side was told is that of the conversation it speaks in. */
function expectCurrentSsid({ ends, events }: World): void {
  for (const side of [0, 1] as const) {
    const told = events[side].flatMap((event) => ("ssid" in event ? [toHex(event.ssid)] : []));
    const ssid = ends[side].sessions[0]?.current?.ssid;
    if (told.length > 0) expect(told.at(-1)).toBe(toHex(ssid ?? new Uint8Array(0)));
  }
}

/** With one the first player has the lower instance tag, which does not decide; with the others the higher. */
const SEEDS = [1, 11, 12];

describe.each(SEEDS)("strangers (%i) who start at once", (seed) => {
  const two = strangers(seed);

  it("talk in one conversation, in every order in which mail keeps its own", () => {
    let count = 0;
    for (const world of outcomes({ two, moves: [[startTo(0)], [startTo(0)]], ordered: true })) {
      expectAgreement(two, world, [0, 0]);
      count++;
    }
    expect(count).toBeGreaterThan(30);
  });

  it("talk in one conversation when mail overtakes mail", () => {
    for (let i = 0; i < 60; i++) {
      const moves = [[startTo(0)], [startTo(0)]] as const;
      expectAgreement(two, outcome({ two, moves, ordered: false }, numbers(`${seed} any ${i}`)), [0, 0]);
    }
  });

  it("talk in the one whose Identity has the higher hash, if both were made before either arrived", () => {
    const steps = [0, 1].map((side) => start(two[side as 0 | 1].endpoint, two[side as 0 | 1].env)) as [Step, Step];
    const world = afterStep(afterStep(beginning(two), 0, steps[0]), 1, steps[1]);
    const made = world.ends.map(({ offer }) => offer?.hash ?? EMPTY) as [Uint8Array, Uint8Array];
    const higher = toHex(compareBytes(...made) > 0 ? made[0] : made[1]);
    for (const ordered of [true, false]) {
      for (const end of outcomes({ two, moves: [[], []], ordered }, world))
        expect(hashes(end)).toEqual([higher, higher]);
    }
  });

  it.each([true, false])("and speak as soon as they can, read everything; mail in order: %s", (ordered) => {
    const moves = [
      [startTo(0), say("a 1"), say("a 2")],
      [startTo(0), say("b 1"), say("b 2")],
    ] as const;
    for (let i = 0; i < 40; i++) {
      const world = outcome({ two, moves, ordered }, numbers(`${seed} ${i}`));
      expectAgreement(two, world, world.said);
    }
  });

  it("and ask their users first, end in one conversation or none", () => {
    const asking = strangers(seed, { policy: { answer: "ask" } });
    const moves = [
      [startTo(0), accept, accept, accept],
      [startTo(0), accept, accept, accept],
    ] as const;
    let agreed = 0;
    for (let i = 0; i < 60; i++) {
      const world = outcome({ two: asking, moves, ordered: i % 2 === 0 }, numbers(`${seed} ask ${i}`));
      const [ours, theirs] = hashes(world);
      if (ours === "none" && theirs === "none") continue;
      expectAgreement(asking, world, [0, 0]);
      agreed++;
    }
    expect(agreed).toBeGreaterThan(20);
  });
});

describe.each(SEEDS)("friends (%i)", (seed) => {
  const two = friends(seed);
  const [alice, bob] = two;
  const plans: [string, readonly [readonly Move[], readonly Move[]]][] = [
    ["one of whom starts anew", [[startTo(bob.tag), say("a")], [say("b")]]],
    ["one of whom starts anew with everybody", [[say("a")], [startTo(0), say("b")]]],
    ["who both start anew", [[startTo(bob.tag)], [startTo(alice.tag)]]],
    [
      "who both start anew and speak",
      [
        [say("a"), startTo(bob.tag), say("a")],
        [startTo(0), say("b")],
      ],
    ],
    ["one of whom starts anew twice", [[startTo(0), startTo(bob.tag), say("a")], [say("b")]]],
  ];

  it.each(plans)("%s stay friends, in any order", (_, moves) => {
    for (let i = 0; i < 50; i++) {
      const ordered = i % 2 === 0;
      const world = outcome({ two, moves, ordered }, numbers(`${seed} friends ${i}`));
      expectAgreement(two, world, world.said, ordered);
    }
  });
});

describe.each([1, 2, 3, 11, 12, 13])("a goodbye in one of two conversations begun at once (%i)", (seed) => {
  it("leaves the other one, which the peer answered after it had closed", () => {
    const [alice, bob] = friends(seed);
    const [answer] = bob.receive(alice.start(bob.tag)).send;
    const identity = bob.start(alice.tag);
    const conclusion = alice.receive(answer as string).send;
    const goodbyes = alice.close().send;
    const [authR] = alice.receive(identity).send;
    const authI = bob.receive(authR as string).send;
    for (const text of conclusion) bob.receive(text);
    expect(bob.session.others.filter(({ rival }) => rival).length).toBe(1);
    carry(bob, alice, authI);
    expect(alice.endpoint.sessions.length).toBe(1);
    carry(alice, bob, goodbyes);
    expect(bob.session.others.filter(({ rival }) => rival)).toEqual([]);
    tell(bob, alice, "still here");
    tell(alice, bob, "so am I");
    expect([alice.texts.at(-1), bob.texts.at(-1)]).toEqual(["still here", "so am I"]);
    expect(toHex(bob.conversation.ssid)).toBe(toHex(alice.conversation.ssid));
    const told = bob.events.flatMap((event) => ("ssid" in event ? [toHex(event.ssid)] : []));
    expect(told.at(-1)).toBe(toHex(bob.conversation.ssid));
    expect(eventsOf(bob.events, "disconnected")).toEqual([]);
  });
});
