// Keys, epochs and small helpers for the tests of stores.
import { fromUtf8, utf8 } from "../../src/bytes.ts";
import { SottovoceError } from "../../src/errors.ts";
import { createMemoryEpoch } from "../../src/store/memory.ts";
import type { Damage, Entry, Epoch, Op, Store, StoreOptions } from "../../src/store/store.ts";

/** A passphrase that costs next to nothing. */
export const cheap = { memory: 64, passes: 1, lanes: 1 } as const;

export const hostKey: Uint8Array = new Uint8Array(32).fill(7);

/** What a store of its own is opened with, again and again. */
export function fresh(options: Partial<StoreOptions> = {}): StoreOptions & { readonly epoch: Epoch } {
  return { key: hostKey, epoch: createMemoryEpoch(), ...options };
}

export function put(key: string, value: string): Op {
  return { kind: "put", key, value: utf8(value) };
}

export async function read(store: Store, key: string): Promise<string | undefined> {
  const value = await store.get(key);
  return value && fromUtf8(value);
}

export async function entries(store: Store, prefix: string): Promise<readonly (Entry | Damage)[]> {
  const found: (Entry | Damage)[] = [];
  for await (const entry of store.scan(prefix)) found.push(entry);
  return found;
}

/** What a scan finds, as text; damage under the key `damaged`. */
export async function scanned(store: Store, prefix: string): Promise<Readonly<Record<string, string>>> {
  const found = await entries(store, prefix);
  return Object.fromEntries(found.map((one) => ("key" in one ? [one.key, fromUtf8(one.value)] : ["damaged", ""])));
}

/** Everything in a store, by key. */
export async function everything(store: Store): Promise<Readonly<Record<string, string>>> {
  const drawers = await store.drawers();
  return Object.assign({}, ...(await Promise.all(drawers.map((drawer) => scanned(store, `${drawer}/`)))));
}

/** The code of the SottovoceError that a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SottovoceError) return error.code;
    throw error;
  }
  return "none";
}

export function includes(haystack: Uint8Array, needle: Uint8Array): boolean {
  return Buffer.from(haystack.buffer, haystack.byteOffset, haystack.length).includes(Buffer.from(needle));
}
