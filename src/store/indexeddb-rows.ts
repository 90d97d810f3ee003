// The rows of a store in the browser's IndexedDB: one object store, strict durability, a lock over all tabs (spec/13,
// "IndexedDB").
import { SottovoceError } from "../errors.ts";
import { endOf, locked, type Row, type Rows, type Write } from "./rows.ts";

const SCHEMA = 1;
const TABLE = "rows";
const PREFIX = "sottovoce-store-";

export interface IndexedDbPlace {
  /** The name of the database, of this origin. */
  readonly name: string;
  /** Keeps other tabs and workers out. Default: Web Locks. */
  readonly lock?: StoreLock;
  /** Default: the global one. */
  readonly indexedDB?: IDBFactory;
}

/**
 * Takes the lock of that name for as long as the store is open, and resolves to what gives it back; to `undefined` when
 * somebody has it. It must end by itself when its holder dies.
 */
export type StoreLock = (name: string) => Promise<(() => void) | undefined>;

/**
 * Opens the database and takes its lock.
 *
 * @throws SottovoceError as {@link Rows}, and `STORE_LOCKED`, `STORE_VERSION` or `STORE_UNAVAILABLE`.
 */
export async function openIndexedDbRows({
  name,
  lock = webLock,
  indexedDB = globalThis.indexedDB,
}: IndexedDbPlace): Promise<Rows> {
  if (indexedDB === undefined) throw unavailable("There is no IndexedDB here.");
  const release = await lock(PREFIX + name);
  if (release === undefined) throw locked();
  try {
    return rowsOf(await connect(indexedDB, PREFIX + name), release);
  } catch (error) {
    release();
    throw error;
  }
}

function connect(indexedDB: IDBFactory, name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, SCHEMA);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(translate(request.error));
    // Nobody who has the lock has it open; somebody without it does not let go.
    request.onblocked = () => reject(locked());
  });
}

function rowsOf(database: IDBDatabase, release: () => void): Rows {
  return {
    async get(name) {
      const value = await reading(database, (table) => [table.get(key(name))]);
      return plain(value[0]);
    },
    async list(prefix, after, limit) {
      const range = rangeOf(prefix, after);
      const [names, values] = await reading(database, (table) => [
        table.getAllKeys(range, limit),
        table.getAll(range, limit),
      ]);
      return (names as ArrayBuffer[]).map(
        (name, i): Row => ({ name: new Uint8Array(name), value: plain((values as unknown[])[i]) as Uint8Array }),
      );
    },
    write: (writes) => writing(database, writes),
    // Browsers compact when they like: only fresh keys put an end to what was there (spec/13, "Erasing").
    scrub: () => Promise.resolve(),
    close() {
      database.close();
      release();
      return Promise.resolve();
    },
  };
}

/** The results of some requests, in one transaction. */
function reading(
  database: IDBDatabase,
  ask: (table: IDBObjectStore) => readonly IDBRequest[],
): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const transaction = begin(database, "readonly");
    const requests = ask(transaction.objectStore(TABLE));
    transaction.oncomplete = () => resolve(requests.map((request) => request.result));
    transaction.onabort = () => reject(translate(transaction.error));
  });
}

function writing(database: IDBDatabase, writes: readonly Write[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = begin(database, "readwrite");
    const table = transaction.objectStore(TABLE);
    for (const write of writes) {
      if (write.kind === "put") table.put(write.value, key(write.name));
      else table.delete(write.kind === "delete" ? key(write.name) : rangeOf(write.prefix, undefined));
    }
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(translate(transaction.error));
  });
}

function begin(database: IDBDatabase, mode: IDBTransactionMode): IDBTransaction {
  try {
    return database.transaction(TABLE, mode, { durability: "strict" });
  } catch (error) {
    throw translate(error);
  }
}

function rangeOf(prefix: Uint8Array, after: Uint8Array | undefined): IDBKeyRange {
  // No name is empty, and an empty buffer passes for a detached one in some implementations.
  const from = key(after ?? (prefix.length > 0 ? prefix : Uint8Array.of(0)));
  const end = endOf(prefix);
  const open = after !== undefined;
  return end === undefined ? IDBKeyRange.lowerBound(from, open) : IDBKeyRange.bound(from, key(end), open, true);
}

/** A buffer of its own: a view's whole buffer would do as a key in some implementations. */
function key(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function plain(value: unknown): Uint8Array | undefined {
  return value === undefined ? undefined : new Uint8Array(value as Uint8Array);
}

/** Web Locks end with the tab or worker that has them. */
const webLock: StoreLock = (name) => {
  const locks = globalThis.navigator?.locks;
  if (locks === undefined) throw unavailable("There are no Web Locks here: hand in a lock.");
  return new Promise((resolve, reject) => {
    locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (lock === null) return resolve(undefined);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
};

function translate(cause: unknown): SottovoceError {
  const name = (cause as { name?: unknown } | null)?.name;
  if (name === "QuotaExceededError") {
    const message = "The browser gives the store no more room; nothing was changed. Make some and try again.";
    return new SottovoceError("STORE_FULL", message, { cause });
  }
  if (name === "VersionError") {
    const message = "This store was written by a newer version; nothing was changed. Open it with that version.";
    return new SottovoceError("STORE_VERSION", message, { cause });
  }
  const message = "IndexedDB could not be read or written. Nothing acknowledged is lost: open the store again.";
  return new SottovoceError("STORE_IO", message, { cause });
}

function unavailable(what: string): SottovoceError {
  return new SottovoceError("STORE_UNAVAILABLE", `${what} Nothing was changed.`);
}
