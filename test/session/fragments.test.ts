import { describe, expect, it } from "vitest";
import { defaultLimits, type Limits } from "../../src/limits.ts";
import type { MacKey } from "../../src/ratchet/keys.ts";
import * as actions from "../../src/session/actions.ts";
import { collect, expireFragments } from "../../src/session/fragments.ts";
import type { Reassembly, Session } from "../../src/session/types.ts";
import type { Fragment } from "../../src/wire/fragment.ts";
import { eventsOf, friends, NOW, only, type Player, strangers, tell } from "../support/players.ts";
import { code, value } from "../wire/results.ts";

const piece = (index: number, total: number, changes: Partial<Fragment> = {}): Fragment => ({
  ...{ identifier: 7, senderTag: 0x100, receiverTag: 0x101, index, total, piece: `<${index}>` },
  ...changes,
});

const limited = (changes: Partial<Limits>): Limits => ({ ...defaultLimits, ...changes });

/** Collects all of them; the texts that came out. */
function collectAll(fragments: readonly Fragment[]): { texts: string[]; left: readonly Reassembly[] } {
  let left: readonly Reassembly[] = [];
  const texts: string[] = [];
  for (const fragment of fragments) {
    const { fragments: next, complete } = value(collect(left, fragment, NOW, defaultLimits));
    left = next;
    if (complete !== undefined) texts.push(complete);
  }
  return { texts, left };
}

describe("reassembly", () => {
  it.each([
    ["in order", [1, 2, 3, 4]],
    ["backwards", [4, 3, 2, 1]],
    ["any how", [3, 1, 4, 2]],
  ])("takes pieces %s", (_, order) => {
    expect(collectAll(order.map((index) => piece(index, 4)))).toEqual({ texts: ["<1><2><3><4>"], left: [] });
  });

  it("keeps interleaved messages apart by identifier, sender and total", () => {
    const others: Partial<Fragment>[] = [{}, { identifier: 8 }, { senderTag: 0x200 }];
    const round = (index: number): Fragment[] => others.map((other) => piece(index, 2, other));
    const { texts, left } = collectAll([...round(1), piece(1, 3), ...round(2).reverse(), piece(2, 3)]);
    expect(texts).toEqual(["<1><2>", "<1><2>", "<1><2>"]);
    expect(left.map(({ total, pieces }) => [total, [...pieces.keys()]])).toEqual([[3, [1, 2]]]);
  });

  it("is done at once for a message in one piece, and touches nothing", () => {
    const held = value(collect([], piece(1, 2), NOW, defaultLimits)).fragments;
    const { fragments, complete } = value(collect(held, piece(1, 1), NOW, defaultLimits));
    expect(complete).toBe("<1>");
    expect(fragments).toBe(held);
  });

  it("refuses a second piece for the same place, even with other words", () => {
    const held = value(collect([], piece(1, 2), NOW, defaultLimits)).fragments;
    const copy = structuredClone(held);
    expect(code(collect(held, piece(1, 2), NOW, defaultLimits))).toBe("DUPLICATE");
    expect(code(collect(held, piece(1, 2, { piece: "forged" }), NOW, defaultLimits))).toBe("DUPLICATE");
    expect(held).toEqual(copy);
    expect(value(collect(held, piece(2, 2), NOW, defaultLimits)).complete).toBe("<1><2>");
  });

  it("changes no list it was given", () => {
    const held = value(collect([], piece(1, 3), NOW, defaultLimits)).fragments;
    const copy = structuredClone(held);
    value(collect(held, piece(2, 3), NOW, defaultLimits));
    expect(held).toEqual(copy);
  });

  it("refuses what exceeds a limit, and keeps what it has", () => {
    const held = value(collect([], piece(1, 4, { piece: "x".repeat(50) }), NOW, defaultLimits)).fragments;
    const at = (fragment: Fragment, changes: Partial<Limits>): string =>
      code(collect(held, fragment, NOW, limited(changes)));
    expect(at(piece(2, 4), { fragmentsPerMessage: 3 })).toBe("TOO_LARGE");
    expect(at(piece(2, 4), { fragmentsPerMessage: 4 })).toBe("accepted");
    expect(at(piece(2, 4), { messageChars: 52 })).toBe("TOO_LARGE");
    expect(at(piece(2, 4), { messageChars: 53 })).toBe("accepted");
    expect(at(piece(1, 2), { fragmentBuffers: 1 })).toBe("FULL");
    expect(at(piece(2, 4), { fragmentBuffers: 1 })).toBe("accepted");
    // Each piece counts 64 characters more than it has, so that many small ones are no way around the limit.
    expect(at(piece(1, 2), { fragmentChars: 52 + 2 * 64 })).toBe("FULL");
    expect(at(piece(1, 2), { fragmentChars: 53 + 2 * 64 })).toBe("accepted");
    expect(held.length).toBe(1);
  });

  it("forgets a message so long after its first piece, and makes room", () => {
    const { fragmentSeconds } = defaultLimits;
    const held = value(collect([], piece(1, 3), NOW, defaultLimits)).fragments;
    const more = value(collect(held, piece(2, 3), NOW + fragmentSeconds - 1, defaultLimits)).fragments;
    expect(expireFragments(more, NOW + fragmentSeconds - 1, defaultLimits)).toBe(more);
    expect(expireFragments(more, NOW + fragmentSeconds, defaultLimits)).toEqual([]);
    const late = value(collect(more, piece(3, 3), NOW + fragmentSeconds, limited({ fragmentBuffers: 1 })));
    expect(late.complete).toBeUndefined();
    expect(only(late.fragments).pieces.size).toBe(1);
  });
});

describe("an endpoint and fragments", () => {
  function fragmented(): readonly [Player, Player, readonly string[]] {
    const [alice, bob] = friends({ policy: { answer: "auto", maxMessageChars: 120 } });
    const { send } = alice.send("a message that does not fit into one text of this carrier");
    expect(send.length).toBeGreaterThan(3);
    return [alice, bob, send];
  }

  it("does a whole handshake and conversation in fragments", () => {
    const [alice, bob, send] = fragmented();
    for (const text of send) expect(text.length).toBeLessThanOrEqual(120);
    for (const text of send) bob.receive(text);
    expect(bob.texts).toEqual(["a message that does not fit into one text of this carrier"]);
    expect(alice.endpoint.fragments).toEqual([]);
    expect(bob.endpoint.fragments).toEqual([]);
  });

  it("reads two messages whose fragments come mixed and backwards", () => {
    const [alice, bob, first] = fragmented();
    const second = alice.send("another one, which follows the first at once").send;
    const mixed = [...first, ...second].map((text, i) => [(i * 7) % (first.length + second.length), text] as const);
    for (const [, text] of mixed.sort(([a], [b]) => b - a)) bob.receive(text);
    expect(bob.texts.length).toBe(2);
  });

  it("says nothing and remembers the piece while some are missing", () => {
    const [, bob, send] = fragmented();
    const step = bob.receive(send[0] as string);
    expect([step.send, step.events]).toEqual([[], []]);
    expect(only(bob.endpoint.fragments).pieces.size).toBe(1);
  });

  it("gives the very same endpoint for a piece that came before, or is not for us", () => {
    const [alice, bob, send] = fragmented();
    const text = send[0] as string;
    bob.receive(text);
    const before = bob.endpoint;
    expect(eventsOf(bob.receive(text).events, "rejected").map((event) => event.code)).toEqual(["DUPLICATE"]);
    const tag = (value: number): string => value.toString(16).padStart(8, "0");
    const others = [
      text.replace(tag(bob.tag), "00012345"),
      text.replace(tag(alice.tag), tag(bob.tag)),
      text.replace(tag(alice.tag), "000000ff"),
    ];
    for (const other of others) {
      expect(eventsOf(bob.receive(other).events, "rejected").map((event) => event.code)).toEqual(["WRONG_TAG"]);
    }
    expect(bob.endpoint).toBe(before);
  });

  it("gives the very same endpoint for a single piece whose message is refused", () => {
    const [alice, bob] = friends();
    const before = bob.endpoint;
    const frame = (text: string): string =>
      `?OTR|00000001|${alice.tag.toString(16).padStart(8, "0")}|00000000,00001,00001,${text},`;
    for (const text of ["?OTR:AAQD.", "?OTR:!.", "words", "?OTRv4?", "?OTR|1|100|0", "?OTR Error: x"]) {
      const step = bob.receive(frame(text));
      expect(eventsOf(step.events, "rejected").length, text).toBe(1);
      expect(bob.endpoint, text).toBe(before);
    }
  });

  it("forgets the pieces of a whole that is refused", () => {
    const [alice, bob, send] = fragmented();
    const last = send.at(-1) as string;
    for (const text of send.slice(0, -1)) bob.receive(text);
    const step = bob.receive(last.replace(/,[^,]*,$/, ",AAAA.,"));
    expect(eventsOf(step.events, "rejected").map((event) => event.peerTag)).toEqual([alice.tag]);
    expect(bob.endpoint.fragments).toEqual([]);
    for (const text of send) bob.receive(text);
    expect(bob.texts.length).toBe(1);
  });

  it("forgets them with time", () => {
    const [, bob, send] = fragmented();
    bob.receive(send[0] as string);
    bob.wait(defaultLimits.fragmentSeconds - 1);
    bob.tick();
    expect(bob.endpoint.fragments.length).toBe(1);
    bob.wait(1);
    bob.tick();
    expect(bob.endpoint.fragments).toEqual([]);
  });

  it("sends an Identity to everybody in fragments to everybody", () => {
    const [alice, bob] = strangers({ policy: { answer: "ask", maxMessageChars: 300 } });
    const { send } = alice.take((endpoint, env) => actions.start(endpoint, env));
    expect(send.length).toBeGreaterThan(1);
    for (const text of send) expect(text).toMatch(/^\?OTR\|[0-9a-f]{8}\|[0-9a-f]{8}\|00000000,/);
    for (const text of send) bob.receive(text);
    expect(eventsOf(bob.events, "invitation").length).toBe(1);
  });

  it("sends nothing in more fragments than a peer with our limits takes", () => {
    const [alice, bob] = friends({ policy: { answer: "auto", maxMessageChars: 80 } });
    const before = alice.endpoint;
    const tooLarge = expect.objectContaining({ name: "SottovoceError", code: "TOO_LARGE" });
    expect(() => alice.send("x".repeat(14_000))).toThrow(tooLarge);
    expect(alice.endpoint).toBe(before);
    bob.limit({ fragmentsPerMessage: 4096 });
    for (const text of alice.send("x".repeat(13_000)).send) bob.receive(text);
    expect(bob.texts.map(({ length }) => length)).toEqual([13_000]);
  });

  it("reveals as many MAC keys as one message may, through the smallest carrier there is", () => {
    const { revealedPerMessage, fragmentsPerMessage } = defaultLimits;
    const [alice, bob] = friends({ policy: { answer: "auto", maxMessageChars: 80 } });
    const keys = Array.from({ length: revealedPerMessage }, (_, i) => new Uint8Array(64).fill(i) as MacKey);
    tell(alice, bob, "so that Bob's next message rotates");
    const [session] = bob.endpoint.sessions as [Session];
    const current = { ...bob.conversation, ratchet: { ...bob.conversation.ratchet, toReveal: keys } };
    bob.endpoint = { ...bob.endpoint, sessions: [{ ...session, current }] };
    const { send } = bob.send("reveals");
    expect(send.length).toBeLessThanOrEqual(fragmentsPerMessage);
    for (const text of send) alice.receive(text);
    expect(alice.texts).toEqual(["reveals"]);
  });
});
