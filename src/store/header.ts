// The header: what opens the store, readable without any key, and what it says only to those who have one (spec/13,
// "Header").
import { compareBytes, concat, equalBytes, u32, utf8 } from "../bytes.ts";
import { checksum, KEY_BYTES, SALT_BYTES, SEAL_BYTES, seal, unseal } from "./sealing.ts";
import type { Argon2Cost } from "./store.ts";

/** How a wrapping key comes about: the host's own, or stretched from a passphrase. */
export type Derivation = { readonly kind: "host" } | Stretched;

export interface Stretched {
  readonly kind: "passphrase";
  readonly salt: Uint8Array;
  readonly cost: Argon2Cost;
}

/** A wrapping key and where it comes from. */
export interface Wrapping {
  readonly key: Uint8Array;
  readonly from: Derivation;
}

/** The root keys, sealed under an epoch key, and that under a wrapping key. */
export interface Slot {
  readonly from: Derivation;
  readonly sealed: Uint8Array;
}

/** 32 bytes each: `sealing` seals the keys of drawers and is another at every opening, `naming` hashes their names. */
export interface RootKeys {
  readonly sealing: Uint8Array;
  readonly naming: Uint8Array;
}

/** What only an opened header says. */
export interface Status {
  /** How many migrations have been done. */
  readonly schema: number;
  /** Whether a process has the store open, or ended without closing it. */
  readonly open: boolean;
  /** Commits counted, with freshness `commit`. */
  readonly commits: bigint;
}

export interface Header {
  readonly storeId: Uint8Array;
  readonly slots: readonly Slot[];
  readonly status: Uint8Array;
}

export const STORE_ID_BYTES = 16;
const MAX_SLOTS = 8;
/** What a header may ask for at most: one that was tampered with must not exhaust the machine. */
const MAX_COST: Argon2Cost = { memory: 1_048_576, passes: 64, lanes: 16 };

const FORMAT = 1;
const MAGIC: Uint8Array = utf8("SVST");
const CHECKSUM_BYTES = 16;
const STATUS_BYTES: number = 13 + SEAL_BYTES;
const INNER_BYTES: number = 2 * KEY_BYTES + SEAL_BYTES;
const SLOT_BYTES: number = INNER_BYTES + SEAL_BYTES;
const derivation = { host: 0, passphrase: 1 } as const;

/**
 * ```
 * "SVST" 4 │ format 1 │ store id 16 │ slots n 1 │ n × slot │ status 53 │ checksum 16
 * slot:    00 │ sealed 144      or      01 │ salt 16 │ memory 4 │ passes 1 │ lanes 1 │ sealed 144
 * ```
 */
export function encodeHeader(header: Header): Uint8Array {
  const slots = header.slots.map((slot) => concat(encodeDerivation(slot.from), slot.sealed));
  const count = Uint8Array.of(header.slots.length);
  const bytes = concat(MAGIC, Uint8Array.of(FORMAT), header.storeId, count, ...slots, header.status);
  return concat(bytes, checksum(bytes));
}

/** `damaged` when the checksum or the layout is wrong, `newer` for a format that this version does not know. */
export function decodeHeader(bytes: Uint8Array): Header | "damaged" | "newer" {
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < 0 || !equalBytes(checksum(bytes.subarray(0, end)), bytes.subarray(end))) return "damaged";
  if (compareBytes(bytes.subarray(0, MAGIC.length), MAGIC) !== 0) return "damaged";
  if (bytes[MAGIC.length] !== FORMAT) return "newer";
  let at = MAGIC.length + 1;
  const take = (size: number): Uint8Array => {
    const part = bytes.slice(at, Math.min(at + size, end));
    at += size;
    return part;
  };
  const storeId = take(STORE_ID_BYTES);
  const count = take(1)[0] ?? 0;
  const slots: Slot[] = [];
  for (let i = 0; i < Math.min(count, MAX_SLOTS); i++) {
    const from = takeDerivation(take);
    if (from === undefined) return "damaged";
    slots.push({ from, sealed: take(SLOT_BYTES) });
  }
  const status = take(STATUS_BYTES);
  return at === end && slots.length === count && count > 0 ? { storeId, slots, status } : "damaged";
}

/** Wraps the root keys: whoever opens them needs the epoch key and the wrapping key. */
export function sealSlot(storeId: Uint8Array, wrapping: Wrapping, epochKey: Uint8Array, roots: RootKeys): Slot {
  const associated = slotData(storeId, wrapping.from);
  const inner = seal(epochKey, associated, concat(roots.sealing, roots.naming));
  return { from: wrapping.from, sealed: seal(wrapping.key, associated, inner) };
}

/** Tells which of the two keys is the wrong one. */
export function openSlot(
  storeId: Uint8Array,
  slot: Slot,
  wrappingKey: Uint8Array,
  epochKey: Uint8Array,
): RootKeys | "wrong key" | "wrong epoch" {
  const associated = slotData(storeId, slot.from);
  const inner = unseal(wrappingKey, associated, slot.sealed);
  if (inner === undefined) return "wrong key";
  const roots = unseal(epochKey, associated, inner);
  if (roots === undefined) return "wrong epoch";
  return { sealing: roots.slice(0, KEY_BYTES), naming: roots.slice(KEY_BYTES) };
}

/** Schema (4 bytes) ‖ open (1 byte) ‖ commits (8 bytes), sealed under the root key. */
export function sealStatus(storeId: Uint8Array, roots: RootKeys, status: Status): Uint8Array {
  const plaintext = concat(u32(status.schema), Uint8Array.of(status.open ? 1 : 0), u64(status.commits));
  return seal(roots.sealing, associatedData("status", storeId), plaintext);
}

export function openStatus(storeId: Uint8Array, roots: RootKeys, sealed: Uint8Array): Status | undefined {
  const plaintext = unseal(roots.sealing, associatedData("status", storeId), sealed);
  if (plaintext === undefined) return undefined;
  const view = new DataView(plaintext.buffer, plaintext.byteOffset);
  return { schema: view.getUint32(0), open: plaintext[4] === 1, commits: view.getBigUint64(5) };
}

/** What every seal of a store is bound to: its purpose, the store, and where it is. */
export function associatedData(
  purpose: string,
  storeId: Uint8Array,
  place: Uint8Array = new Uint8Array(0),
): Uint8Array {
  return concat(utf8(`sottovoce store 1 ${purpose}\0`), storeId, place);
}

/** 8 bytes, big-endian. */
export function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

function slotData(storeId: Uint8Array, from: Derivation): Uint8Array {
  return associatedData("slot", storeId, encodeDerivation(from));
}

function encodeDerivation(from: Derivation): Uint8Array {
  if (from.kind === "host") return Uint8Array.of(derivation.host);
  const { memory, passes, lanes } = from.cost;
  return concat(Uint8Array.of(derivation.passphrase), from.salt, u32(memory), Uint8Array.of(passes, lanes));
}

function takeDerivation(take: (size: number) => Uint8Array): Derivation | undefined {
  const kind = take(1)[0];
  if (kind === derivation.host) return { kind: "host" };
  if (kind !== derivation.passphrase) return undefined;
  const salt = take(SALT_BYTES);
  const [a = 0, b = 0, c = 0, d = 0, passes = 0, lanes = 0] = take(6);
  const cost = { memory: a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d, passes, lanes };
  return isCost(cost) ? { kind: "passphrase", salt, cost } : undefined;
}

/** Whether Argon2id can be asked for this, and we want to pay it. */
export function isCost(cost: Argon2Cost): boolean {
  const { memory, passes, lanes } = cost;
  const whole = [memory, passes, lanes].every((value) => Number.isInteger(value) && value >= 1);
  const bounded = memory <= MAX_COST.memory && passes <= MAX_COST.passes && lanes <= MAX_COST.lanes;
  return whole && bounded && memory >= 8 * lanes;
}
