// The shared session state phi, which binds a handshake to its place (spec/04, "phi"; draft "Shared Session State").
import type { DhPublic, Point } from "../crypto/suite.ts";
import { dataSize, Writer } from "../wire/writer.ts";

/**
 * phi′, what the layer above contributes, as seen by this side: who we are there, who the peer is, and whatever else
 * both know (a chat id; later also post-quantum keys). Both sides must hold the same values with `ours` and `theirs`
 * exchanged.
 */
export interface Context {
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  readonly shared: readonly Uint8Array[];
}

/** What one side puts into a handshake, in public. */
export interface Contribution {
  readonly tag: number;
  /** The encoded client profile. */
  readonly profile: Uint8Array;
  /** Y or X. */
  readonly ecdh: Point;
  /** B or A. */
  readonly dh: DhPublic;
  readonly firstEcdh: Point;
  readonly firstDh: DhPublic;
}

/** A side of the handshake as phi names it: its contribution, and its identity in phi′. */
export interface Side {
  readonly keys: Contribution;
  readonly id: Uint8Array;
}

/** phi of a message: everything by position, the sender of that message first. */
export function phi(sender: Side, receiver: Side, shared: readonly Uint8Array[]): Uint8Array {
  const opaque = [sender.id, receiver.id, ...shared];
  const sides = [sender.keys, receiver.keys];
  const size =
    8 +
    sides.reduce((sum, keys) => sum + keys.firstEcdh.length + dataSize(keys.firstDh), 0) +
    opaque.reduce((sum, value) => sum + dataSize(value), 0);
  const writer = new Writer(size).u32(sender.keys.tag).u32(receiver.keys.tag);
  for (const keys of sides) writer.raw(keys.firstEcdh).data(keys.firstDh);
  for (const value of opaque) writer.data(value);
  return writer.finish();
}
