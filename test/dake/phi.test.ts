import { describe, expect, it } from "vitest";
import { concat, toHex, u32, utf8 } from "../../src/bytes.ts";
import { type Contribution, phi, type Side } from "../../src/dake/phi.ts";

const point = (fill: number): Uint8Array => new Uint8Array(57).fill(fill);
const data = (value: Uint8Array): Uint8Array => concat(u32(value.length), value);

const keysOf = (tag: number, fill: number): Contribution => ({
  tag,
  profile: utf8("a profile, which phi leaves to the transcripts"),
  ecdh: point(fill + 1),
  dh: Uint8Array.of(fill + 2),
  firstEcdh: point(fill),
  firstDh: Uint8Array.of(fill, 1, 2),
});

const low: Side = { keys: keysOf(0x100, 1), id: utf8("a") };
const high: Side = { keys: keysOf(0xffffffff, 0xf0), id: utf8("z") };

describe("phi", () => {
  it("is tags, first keys, identities and what both know, the sender of the message first", () => {
    const expected = concat(
      u32(0xffffffff),
      u32(0x100),
      ...[point(0xf0), data(Uint8Array.of(0xf0, 1, 2)), point(1), data(Uint8Array.of(1, 1, 2))],
      ...[data(utf8("z")), data(utf8("a")), data(utf8("chat")), data(new Uint8Array(0))],
    );
    expect(toHex(phi(high, low, [utf8("chat"), new Uint8Array(0)]))).toBe(toHex(expected));
  });

  it("goes by position: nothing is sorted", () => {
    const [ab, ba] = [phi(low, high, []), phi(high, low, [])];
    expect(ab.length).toBe(ba.length);
    expect(toHex(ab.subarray(0, 8))).toBe("00000100ffffffff");
    expect(toHex(ba.subarray(0, 8))).toBe("ffffffff00000100");
    expect(toHex(ab)).not.toBe(toHex(ba));
  });

  it("tells values apart that read the same when joined", () => {
    const named = (ours: string, theirs: string, shared: string[]): string =>
      toHex(phi({ ...low, id: utf8(ours) }, { ...high, id: utf8(theirs) }, shared.map(utf8)));
    const all = [named("ab", "c", []), named("a", "bc", []), named("a", "b", ["c"]), named("a", "", ["b", "c"])];
    expect(new Set(all).size).toBe(all.length);
  });
});
