// The vault: the keys of an opened store, and how they are exchanged for fresh ones (spec/13, "Fresh keys").
import { toHex, wipe } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import { type Drawer, openDrawer, sealDrawer } from "./drawers.ts";
import { setEpoch } from "./epoch.ts";
import {
  encodeHeader,
  type Header,
  type RootKeys,
  type Slot,
  type Status,
  sealSlot,
  sealStatus,
  type Wrapping,
} from "./header.ts";
import { rowKind } from "./paths.ts";
import type { Rows, Write } from "./rows.ts";
import { KEY_BYTES, randomBytes } from "./sealing.ts";
import type { Epoch } from "./store.ts";

/** Everything an opened store knows. Whoever changes it has written it first. */
export interface Vault {
  readonly rows: Rows;
  readonly epoch: Epoch;
  readonly storeId: Uint8Array;
  wrapping: Wrapping;
  /** The key that the host keeps. */
  epochKey: Uint8Array;
  /** What opens the root keys with the two above. */
  slots: readonly Slot[];
  roots: RootKeys;
  /** How many migrations have been done. */
  schema: number;
  /** Commits counted, with freshness `commit`. */
  commits: bigint;
  readonly drawers: Map<string, Drawer>;
  /** Rows of drawers that do not open, in hexadecimal. */
  readonly unreadable: Set<string>;
}

const PAGE = 512;

/** A vault that knows no drawer yet. */
export function makeVault(known: Omit<Vault, "drawers" | "unreadable">): Vault {
  return { ...known, drawers: new Map(), unreadable: new Set() };
}

export async function loadDrawers(vault: Vault): Promise<void> {
  let after: Uint8Array | undefined;
  for (;;) {
    const page = await vault.rows.list(Uint8Array.of(rowKind.drawer), after, PAGE);
    for (const row of page) {
      const drawer = openDrawer(vault.storeId, vault.roots, row);
      if (drawer === undefined) vault.unreadable.add(toHex(row.name));
      else vault.drawers.set(drawer.name, drawer);
    }
    if (page.length < PAGE) return;
    after = page.at(-1)?.name;
  }
}

/**
 * Exchanges root key and epoch key for fresh ones, and the wrapping key for the one given. Three steps, each durable
 * before the next; a crash between any two of them leaves a store that opens (spec/13, "Fresh keys").
 *
 * @throws SottovoceError `STORE_FULL` when nothing was changed, `STORE_IO` when it is unknown how far it came.
 */
export async function freshKeys(vault: Vault, wrapping: Wrapping, open: boolean): Promise<void> {
  const { storeId, rows } = vault;
  const epochKey = randomBytes(KEY_BYTES);
  const roots: RootKeys = { sealing: randomBytes(KEY_BYTES), naming: vault.roots.naming };
  const slots = [vault.epochKey, epochKey].map((key) => sealSlot(storeId, wrapping, key, roots));
  const drawers = [...vault.drawers.values()].map(
    (drawer): Write => ({ kind: "put", name: drawer.row, value: sealDrawer(storeId, roots, drawer) }),
  );
  const { schema, commits } = vault;

  const status = sealStatus(storeId, roots, { schema, commits, open: true });
  await rows.write([...headerWrites({ storeId, slots, status }), ...drawers]);
  try {
    await setEpoch(vault.epoch, { making: false, key: epochKey, commits });
    const ended = sealStatus(storeId, roots, { schema, commits, open });
    await rows.write(headerWrites({ storeId, slots: slots.slice(1), status: ended }));
  } catch (cause) {
    throw new SottovoceError(
      "STORE_IO",
      "The store could not be put under fresh keys. Nothing acknowledged is lost: close it and open it again.",
      { cause },
    );
  }
  wipe(vault.epochKey, vault.roots.sealing);
  if (wrapping !== vault.wrapping) wipe(vault.wrapping.key);
  Object.assign(vault, { wrapping, epochKey, roots, slots: slots.slice(1) });
  await rows.scrub();
}

/** The header as it is between two exchanges of keys, with another status. */
export function statusWrites(vault: Vault, status: Omit<Status, "open">): readonly Write[] {
  const { storeId, roots, slots } = vault;
  return headerWrites({ storeId, slots, status: sealStatus(storeId, roots, { ...status, open: true }) });
}

/** The header in two places, so that damage to one leaves the other. */
function headerWrites(header: Header): readonly Write[] {
  const value = encodeHeader(header);
  return [rowKind.header, rowKind.headerCopy].map((kind) => ({ kind: "put", name: Uint8Array.of(kind), value }));
}

/** Overwrites every key. */
export function wipeVault(vault: Vault): void {
  for (const drawer of vault.drawers.values()) wipe(drawer.sealing, drawer.naming);
  wipe(vault.epochKey, vault.roots.sealing, vault.roots.naming, vault.wrapping.key);
  vault.drawers.clear();
}
