// Two accounts under any schedule of actions, losses, duplicates, reorderings and corruptions: every invariant of the
// simulator holds, and in the end the two sides agree or can know that they do not. SOTTOVOCE_RUNS multiplies the
// number of schedules; a failing one is shrunk and printed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeSuite } from "../../src/crypto/node.ts";
import type { Suite } from "../../src/crypto/suite.ts";
import type { Policy, Session } from "../../src/session/types.ts";
import { type Action, actionKinds, type Device, World } from "../support/simulator.ts";
import { toySuite } from "../support/toy-suite.ts";

const RUNS = Number(process.env["SOTTOVOCE_RUNS"] ?? "1");

const harsh: readonly Action["kind"][] = ["drop", "corrupt", "tick", "close"];
const gentle = actionKinds.filter((kind) => !harsh.includes(kind));

function schedule(kinds: readonly Action["kind"][], maxLength: number): fc.Arbitrary<Action[]> {
  const action = fc.record({
    kind: fc.constantFrom(...kinds),
    device: fc.nat({ max: 5 }),
    pick: fc.nat({ max: 40 }),
  });
  return fc.array(action, { maxLength, size: "max" });
}

/** Which schedules a world is given. */
interface Bounds {
  /**
   * No new handshake where a conversation stands. A renewal that crosses other handshakes in reordered mail may leave
   * the two sides in different conversations; each still reads the other, and they learn of it when the older ones end.
   */
  readonly renewals: boolean;
  /** Mail arrives in order and once. */
  readonly inOrder: boolean;
}

/** A conversation both devices are in at the moment, from the one's view. */
function between(device: Device, other: Device): Session | undefined {
  return device.endpoint.sessions.find(
    ({ peer, current }) => peer.tag === other.endpoint.ourTag && current !== undefined,
  );
}

function unfinished({ endpoint }: Device): boolean {
  return endpoint.offer !== undefined || endpoint.invitations.length + endpoint.answers.length > 0;
}

/** Says something, delivers everything, and tells what became of it. */
function tell(world: World, from: Device, session: Session, to: Device): "read" | "known" | "lost" {
  const [heardBefore, toldBefore] = [to.log.length, from.log.length];
  const text = world.say(from, session);
  world.settle(() => 0);
  if (to.log.slice(heardBefore).some((event) => event.type === "message" && event.text === text)) return "read";
  const complained = to.log.slice(heardBefore).some((event) => event.type === "rejected" && event.unreadable);
  const told = from.log.slice(toldBefore).some(({ type }) => type === "error-message");
  const waits = to.endpoint.buffered.length > 0;
  return complained || told || waits ? "known" : "lost";
}

const worlds: [string, Record<string, Partial<Policy>>][] = [
  ["one device each, answering at once", { alice: { answer: "auto" }, bob: { answer: "auto" } }],
  ["one device each, asking their users", { alice: { answer: "ask" }, bob: { answer: "ask" } }],
  ["Bob with two devices", { alice: { answer: "ask" }, bob1: { answer: "ask" }, bob2: { answer: "auto" } }],
  ["through a carrier of 300 characters", { alice: { answer: "auto", maxMessageChars: 300 }, bob: { answer: "auto" } }],
];

function run(
  suite: Suite,
  devices: Record<string, Partial<Policy>>,
  seed: number,
  actions: readonly Action[],
  bounds: Bounds = { renewals: true, inOrder: false },
): World {
  const world = new World(suite, String(seed), devices);
  for (const action of actions) {
    const starts = action.kind === "start" || action.kind === "startTo";
    const standing = world.devices.some(({ endpoint }) => endpoint.sessions.length > 0);
    if (starts && standing && !bounds.renewals) continue;
    if (action.kind === "duplicate" && bounds.inOrder) continue;
    world.act(bounds.inOrder && action.kind === "deliver" ? { ...action, pick: 0 } : action);
    if (world.faults.length > 0) break;
  }
  return world;
}

/** Lets the network come to rest and compares the two sides. */
function verdict(world: World, seed: number, strict: boolean, inOrder: boolean = false): void {
  let state = seed + 1;
  world.settle((bound, of) => {
    state = (state * 48271) % 2147483647;
    return inOrder && of === "texts" ? 0 : state % bound;
  });
  expect(world.faults).toEqual([]);
  const [alice, ...bobs] = world.devices as [Device, ...Device[]];
  for (const bob of bobs) {
    const settled = strict && !unfinished(alice) && !unfinished(bob);
    const both = between(alice, bob) !== undefined && between(bob, alice) !== undefined;
    for (const [one, other] of [
      [alice, bob],
      [bob, alice],
      [alice, bob],
    ] as const) {
      const session = between(one, other);
      if (session === undefined) continue;
      const outcome = tell(world, one, session, other);
      expect(outcome, `a message of ${one.name} is lost without anybody knowing`).not.toBe("lost");
      if (settled && both) expect(outcome).toBe("read");
    }
    // Rivals may be told apart only when somebody speaks: by now everybody has.
    if (settled && both) expect(between(alice, bob)?.current?.ssid).toEqual(between(bob, alice)?.current?.ssid);
  }
  expect(world.faults).toEqual([]);
}

for (const [title, devices] of worlds) {
  describe(title, () => {
    it("agrees however the mails of handshakes begun at once arrive", () => {
      fc.assert(
        fc.property(fc.nat(), schedule(gentle, 60), (seed, actions) => {
          verdict(run(toySuite, devices, seed, actions, { renewals: false, inOrder: false }), seed, true);
        }),
        { numRuns: 200 * RUNS },
      );
    });

    it("agrees when conversations are renewed and mail arrives in order", () => {
      fc.assert(
        fc.property(fc.nat(), schedule(gentle, 60), (seed, actions) => {
          verdict(run(toySuite, devices, seed, actions, { renewals: true, inOrder: true }), seed, true, true);
        }),
        { numRuns: 200 * RUNS },
      );
    });

    it("agrees, or knows that it does not, whatever is lost, altered, closed or renewed", () => {
      fc.assert(
        fc.property(fc.nat(), schedule(actionKinds, 60), (seed, actions) => {
          verdict(run(toySuite, devices, seed, actions), seed, false);
        }),
        { numRuns: 250 * RUNS },
      );
    });
  });
}

describe("on the real groups", () => {
  it("agrees however the mails of handshakes begun at once arrive", () => {
    fc.assert(
      fc.property(fc.nat(), schedule(gentle, 25), (seed, actions) => {
        const devices = { alice: { answer: "auto" }, bob: { answer: "auto" } } as const;
        verdict(run(nodeSuite, devices, seed, actions, { renewals: false, inOrder: false }), seed, true);
      }),
      { numRuns: 8 * RUNS },
    );
  });
});
