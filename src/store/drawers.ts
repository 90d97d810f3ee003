// Drawers and records: the keys that seal them, and what is under the seals (spec/13, "Drawers and records").
import { concat, fromUtf8, utf8, wipe } from "../bytes.ts";
import { associatedData, type RootKeys } from "./header.ts";
import { drawerRow } from "./paths.ts";
import type { Row } from "./rows.ts";
import { KEY_BYTES, pad, randomBytes, seal, unpad, unseal } from "./sealing.ts";

/** A drawer that is open: its keys are in memory as long as the store is, its records are not. */
export interface Drawer {
  readonly name: string;
  /** The name of its row. */
  readonly row: Uint8Array;
  /** 32 bytes: seals its records. Another one after `renew`. */
  readonly sealing: Uint8Array;
  /** 32 bytes: hashes the names of its records. */
  readonly naming: Uint8Array;
}

/** What a record says under its seal. */
export interface Content {
  /** Its key without the drawer. */
  readonly rest: string;
  readonly value: Uint8Array;
}

export function makeDrawer(roots: RootKeys, name: string): Drawer {
  const row = drawerRow(roots.naming, name);
  return { name, row, sealing: randomBytes(KEY_BYTES), naming: randomBytes(KEY_BYTES) };
}

/** Sealed under the root key: sealing key 32 ‖ naming key 32 ‖ name, padded. */
export function sealDrawer(storeId: Uint8Array, roots: RootKeys, drawer: Drawer): Uint8Array {
  const plaintext = pad(concat(drawer.sealing, drawer.naming, utf8(drawer.name)));
  const sealed = seal(roots.sealing, associatedData("drawer", storeId, drawer.row), plaintext);
  wipe(plaintext);
  return sealed;
}

/** `undefined` when it does not open any more. */
export function openDrawer(storeId: Uint8Array, roots: RootKeys, row: Row): Drawer | undefined {
  const plaintext = unseal(roots.sealing, associatedData("drawer", storeId, row.name), row.value);
  if (plaintext === undefined) return undefined;
  const content = unpad(plaintext);
  const sealing = content.slice(0, KEY_BYTES);
  const naming = content.slice(KEY_BYTES, 2 * KEY_BYTES);
  const name = fromUtf8(content.subarray(2 * KEY_BYTES));
  wipe(plaintext);
  return { name, row: row.name.slice(), sealing, naming };
}

/** What is sealed of a record: length of the name 2 ‖ name within the drawer ‖ value, padded. A copy. */
export function encodeContent({ rest, value }: Content): Uint8Array {
  const name = utf8(rest);
  return pad(concat(Uint8Array.of(name.length >>> 8, name.length & 0xff), name, value));
}

/** Seals what {@link encodeContent} made. */
export function sealRecord(storeId: Uint8Array, drawer: Drawer, row: Uint8Array, content: Uint8Array): Uint8Array {
  return seal(drawer.sealing, associatedData("record", storeId, row), content);
}

/** `undefined` when it does not open any more. */
export function openRecord(storeId: Uint8Array, drawer: Drawer, row: Row): Content | undefined {
  const plaintext = unseal(drawer.sealing, associatedData("record", storeId, row.name), row.value);
  if (plaintext === undefined) return undefined;
  const content = unpad(plaintext);
  const end = 2 + ((content[0] ?? 0) << 8) + (content[1] ?? 0);
  const opened = { rest: fromUtf8(content.subarray(2, end)), value: content.slice(end) };
  wipe(plaintext);
  return opened;
}
