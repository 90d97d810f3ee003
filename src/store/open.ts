// Opening a store: which keys fit, whether it is the newest copy, and what older versions left (spec/13, "Opening").
import { compareBytes, wipe } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import { type EpochValue, getEpoch, setEpoch } from "./epoch.ts";
import {
  decodeHeader,
  type Header,
  openSlot,
  openStatus,
  type RootKeys,
  STORE_ID_BYTES,
  type Status,
  sealSlot,
  type Wrapping,
} from "./header.ts";
import { rowKind } from "./paths.ts";
import type { Rows } from "./rows.ts";
import { SealedStore } from "./sealed-store.ts";
import { KEY_BYTES, randomBytes } from "./sealing.ts";
import type { Migration, Store, StoreKey, StoreOptions } from "./store.ts";
import { freshKeys, loadDrawers, makeVault, statusWrites, type Vault, wipeVault } from "./vault.ts";
import { checkKey, deriveWrapping, makeWrapping, upgradeWrapping } from "./wrapping.ts";

/**
 * Opens the store that a table of rows holds, or makes one in an empty table. Whatever fails, the table is closed, and
 * nothing was changed unless the code is `STORE_IO`. A migration's own error is passed on.
 */
export async function openSealedStore(rows: Rows, options: StoreOptions): Promise<Store> {
  const { vault, found } = await unlockRows(rows, options);
  const store = new SealedStore(vault, found, options.freshness ?? "opening");
  try {
    await migrate(store, vault, options.migrations ?? []);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface Unlocked {
  readonly vault: Vault;
  readonly found: Store["found"];
}

async function unlockRows(rows: Rows, options: StoreOptions): Promise<Unlocked> {
  try {
    checkKey(options.key);
    const header = await readHeader(rows);
    const epoch = await getEpoch(options.epoch);
    if (header === undefined) return await make(rows, options, epoch);
    return await unlock(rows, options, header, epoch);
  } catch (error) {
    await rows.close();
    throw error;
  }
}

async function unlock(
  rows: Rows,
  options: StoreOptions,
  header: Header,
  epoch: EpochValue | undefined,
): Promise<Unlocked> {
  const opened = await openHeader(header, options.key, epoch);
  const { schema, open, commits } = opened.status;
  if (schema > (options.migrations?.length ?? 0)) throw newer();
  if (commits < (epoch?.commits ?? 0n)) throw stale();
  const { wrapping, epochKey, roots } = opened;
  const { storeId, slots } = header;
  const vault = makeVault({ rows, epoch: options.epoch, storeId, slots, schema, commits, wrapping, epochKey, roots });
  try {
    await loadDrawers(vault);
    await freshKeys(vault, await upgradeWrapping(options.key, wrapping), true);
    return { vault, found: open ? "crashed" : "closed" };
  } catch (error) {
    wipeVault(vault);
    throw error;
  }
}

/** The host learns of the store before the table does: a crash between leaves nothing that does not open. */
async function make(rows: Rows, options: StoreOptions, epoch: EpochValue | undefined): Promise<Unlocked> {
  if ((await rows.list(new Uint8Array(0), undefined, 1)).length > 0) throw damagedHeader();
  if (epoch !== undefined && !epoch.making) {
    throw new SottovoceError(
      "STORE_STALE",
      "There is no store here, but the host holds the value of one: nothing was changed. If that store is gone for " +
        "good, delete the host's value; if it is elsewhere, open it there.",
    );
  }
  const storeId = randomBytes(STORE_ID_BYTES);
  const roots: RootKeys = { sealing: randomBytes(KEY_BYTES), naming: randomBytes(KEY_BYTES) };
  const epochKey = randomBytes(KEY_BYTES);
  const wrapping = await makeWrapping(options.key);
  const schema = options.migrations?.length ?? 0;
  await setEpoch(options.epoch, { making: true, key: epochKey, commits: 0n });
  const slots = [sealSlot(storeId, wrapping, epochKey, roots)];
  const commits = 0n;
  const vault = makeVault({ rows, epoch: options.epoch, storeId, slots, schema, commits, wrapping, epochKey, roots });
  await rows.write(statusWrites(vault, { schema, commits }));
  await freshKeys(vault, wrapping, true);
  return { vault, found: "new" };
}

/** Either of its two copies; `undefined` when there is none at all. */
async function readHeader(rows: Rows): Promise<Header | undefined> {
  const found: (Header | "damaged" | "newer")[] = [];
  for (const kind of [rowKind.header, rowKind.headerCopy]) {
    const bytes = await rows.get(Uint8Array.of(kind));
    if (bytes !== undefined) found.push(decodeHeader(bytes));
  }
  const header = found.find((each) => typeof each === "object");
  if (header !== undefined) return header;
  if (found.includes("newer")) throw newer();
  if (found.length > 0) throw damagedHeader();
  return undefined;
}

interface Opened {
  readonly wrapping: Wrapping;
  readonly epochKey: Uint8Array;
  readonly roots: RootKeys;
  readonly status: Status;
}

/** Tries the key on every slot. A passphrase is stretched once for each salt. */
async function openHeader(header: Header, key: StoreKey, epoch: EpochValue | undefined): Promise<Opened> {
  const { storeId } = header;
  const epochKey = epoch?.key ?? new Uint8Array(KEY_BYTES);
  let rightKey = false;
  let wrapping: Wrapping | undefined;
  for (const slot of header.slots) {
    if (wrapping === undefined || !sameSalt(wrapping, slot.from)) wrapping = await deriveWrapping(key, slot.from);
    if (wrapping === undefined) continue;
    const roots = openSlot(storeId, slot, wrapping.key, epochKey);
    if (typeof roots === "object") {
      const status = openStatus(storeId, roots, header.status);
      if (status === undefined) throw damagedHeader();
      return { wrapping, epochKey, roots, status };
    }
    rightKey ||= roots === "wrong epoch";
  }
  if (wrapping !== undefined) wipe(wrapping.key);
  throw rightKey ? stale() : wrongKey();
}

function sameSalt(wrapping: Wrapping, from: Header["slots"][number]["from"]): boolean {
  if (wrapping.from.kind === "host" || from.kind === "host") return wrapping.from.kind === from.kind;
  return compareBytes(wrapping.from.salt, from.salt) === 0;
}

/** Each migration and its number are one commit: a crash between two of them repeats neither. */
async function migrate(store: SealedStore, vault: Vault, migrations: readonly Migration[]): Promise<void> {
  for (const [index, migration] of migrations.entries()) {
    if (index < vault.schema) continue;
    await store.commitSchema(await migration(store), index + 1);
  }
}

function wrongKey(): SottovoceError {
  return new SottovoceError("STORE_KEY", "This key or passphrase does not open the store; nothing was changed.");
}

function stale(): SottovoceError {
  return new SottovoceError(
    "STORE_STALE",
    "The key is right, but this is an older copy of the store, or the host lost the value it kept for it. It does " +
      "not open, because a chat continued from old keys would encrypt two messages with one key. Nothing was changed.",
  );
}

function newer(): SottovoceError {
  return new SottovoceError(
    "STORE_VERSION",
    "This store was written by a newer version; nothing was changed. Open it with that version.",
  );
}

function damagedHeader(): SottovoceError {
  return new SottovoceError(
    "STORE_DAMAGED",
    "The header of the store is damaged, and nothing in it opens without; nothing was changed.",
  );
}
