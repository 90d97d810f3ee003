// The rows of a store in a file of SQLite: two tables, one writer, nothing left in any file (spec/13, "SQLite"). Node
// only.
import { closeSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { SottovoceError } from "../errors.ts";
import { rowKind } from "./paths.ts";
import { endOf, locked, type Row, type Rows, type Write } from "./rows.ts";
import type { Database, Driver } from "./sqlite-driver.ts";

/** "SVST", so that programs can tell what the file is. */
const APPLICATION_ID = 0x53_56_53_54;
const SCHEMA = 1;
const TABLES = `
  CREATE TABLE keys (name BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE records (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, value BLOB NOT NULL) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA};
`;
/** How long overwritten and deleted rows may stay in the log, in milliseconds. */
const SCRUB_AFTER = 1000;

/** The files that are open here: two kinds of SQLite in one process do not see each other's locks. */
const openHere: Set<string> = new Set();

/** What SQLite says (its result codes), and what that is for us. */
const CODES: readonly (readonly [number, "STORE_FULL" | "STORE_LOCKED" | "STORE_DAMAGED"])[] = [
  [5, "STORE_LOCKED"],
  [11, "STORE_DAMAGED"],
  [13, "STORE_FULL"],
  [26, "STORE_DAMAGED"],
];

/**
 * Opens the file and takes its lock. `configure` is SQL for tests.
 *
 * @throws SottovoceError as {@link Rows}, and `STORE_LOCKED` or `STORE_VERSION`.
 */
export function openSqliteRows(driver: Driver, path: string, configure: string = ""): Promise<Rows> {
  return attempt(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = join(realpathSync(dirname(path)), basename(path));
    if (openHere.has(file)) throw locked();
    makeFile(file);
    const database = driver.open(file);
    openHere.add(file);
    const release = (): void => {
      openHere.delete(file);
      database.close();
    };
    try {
      prepare(database, configure);
      return rowsOf(database, release);
    } catch (error) {
      release();
      throw error;
    }
  });
}

/**
 * For its owner only. One that is there is not opened: on POSIX, closing it would give up the locks that somebody else
 * in this process has on it.
 */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, "ax", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function prepare(database: Database, configure: string): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
  const id = pragma(database, "application_id");
  const schema = pragma(database, "user_version");
  const empty = id === 0 && schema === 0 && pragma(database, "schema_version") === 0;
  if (!empty && id !== APPLICATION_ID) {
    throw new SottovoceError("STORE_DAMAGED", "This file is a database, but not a store; nothing was changed.");
  }
  if (!empty && schema !== SCHEMA) {
    throw new SottovoceError("STORE_VERSION", "This file was written by a newer version; nothing was changed.");
  }
  database.exec(`
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    ${configure}
    BEGIN EXCLUSIVE;
    ${empty ? TABLES : ""}
    COMMIT;
    PRAGMA wal_checkpoint(TRUNCATE);
  `);
}

function rowsOf(database: Database, release: () => void): Rows {
  const keys = openTable(database, "keys");
  const records = openTable(database, "records");
  const tableOf = (name: Uint8Array): Table => ((name[0] ?? 0) < rowKind.record ? keys : records);
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  let timer: NodeJS.Timeout | undefined;

  const list = (prefix: Uint8Array, after: Uint8Array | undefined, limit: number): readonly Row[] => {
    if (prefix.length > 0) return tableOf(prefix).list(prefix, after, limit);
    const first = keys.list(prefix, after, limit);
    return [...first, ...records.list(prefix, after, limit - first.length)];
  };
  const apply = (write: Write): void => {
    if (write.kind === "put") tableOf(write.name).put(write);
    else if (write.kind === "delete") tableOf(write.name).delete(write.name);
    else tableOf(write.prefix).clear(write.prefix);
  };
  const write = (writes: readonly Write[]): void => {
    begin.run();
    try {
      for (const each of writes) apply(each);
      commit.run();
    } catch (error) {
      rollBack(database);
      throw error;
    }
    timer ??= setTimeout(scrub, SCRUB_AFTER).unref();
  };
  const scrub = (): void => {
    clearTimeout(timer);
    timer = undefined;
    try {
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      timer = setTimeout(scrub, SCRUB_AFTER).unref();
    }
  };
  return {
    get: (name) => attempt(() => tableOf(name).get(name)),
    list: (prefix, after, limit) => attempt(() => list(prefix, after, limit)),
    write: (writes) => attempt(() => write(writes)),
    scrub: () => attempt(scrub),
    close: () =>
      attempt(() => {
        clearTimeout(timer);
        release();
      }),
  };
}

interface Table {
  get(name: Uint8Array): Uint8Array | undefined;
  list(prefix: Uint8Array, after: Uint8Array | undefined, limit: number): readonly Row[];
  put(row: Row): void;
  delete(name: Uint8Array): void;
  clear(prefix: Uint8Array): void;
}

function openTable(database: Database, table: "keys" | "records"): Table {
  const one = database.prepare(`SELECT value FROM ${table} WHERE name = ?`);
  const some = database.prepare(`SELECT name, value FROM ${table} WHERE name >= ? AND name < ? ORDER BY name LIMIT ?`);
  const rest = database.prepare(`SELECT name, value FROM ${table} WHERE name >= ? ORDER BY name LIMIT ?`);
  const put = database.prepare(
    `INSERT INTO ${table} (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
  const remove = database.prepare(`DELETE FROM ${table} WHERE name = ?`);
  const clear = database.prepare(`DELETE FROM ${table} WHERE name >= ? AND name < ?`);
  const clearRest = database.prepare(`DELETE FROM ${table} WHERE name >= ?`);
  return {
    get: (name) => plain((one.get(name) as { value: Uint8Array } | undefined)?.value),
    list(prefix, after, limit) {
      // Names have no two neighbours: what follows a name begins with it and a byte of zero.
      const from = after === undefined ? prefix : Uint8Array.of(...after, 0);
      const end = endOf(prefix);
      const found = end === undefined ? rest.all(from, limit) : some.all(from, end, limit);
      return (found as Row[]).map(({ name, value }) => ({ name: plain(name), value: plain(value) }));
    },
    put: ({ name, value }) => put.run(name, value),
    delete: (name) => remove.run(name),
    clear(prefix) {
      const end = endOf(prefix);
      if (end === undefined) clearRest.run(prefix);
      else clear.run(prefix, end);
    },
  };
}

function rollBack(database: Database): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // SQLite has rolled back already.
  }
}

/** One of the drivers gives Buffers. */
function plain<T extends Uint8Array | undefined>(bytes: T): T {
  if (bytes === undefined || bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes) as T;
}

function pragma(database: Database, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() as object)[0];
}

function attempt<T>(task: () => T): Promise<T> {
  try {
    return Promise.resolve(task());
  } catch (error) {
    return Promise.reject(error instanceof SottovoceError ? error : translate(error));
  }
}

const MESSAGES = {
  STORE_FULL: "There is no room for the store to write; nothing was changed. Make some and try again.",
  STORE_DAMAGED: "The file of the store is damaged, or is no store; what is in other parts of it may still open.",
  STORE_IO: "The file of the store could not be read or written. Nothing acknowledged is lost: open it again.",
} as const;

function translate(cause: unknown): SottovoceError {
  const code = CODES.find(([result]) => result === resultOf(cause))?.[1] ?? "STORE_IO";
  return code === "STORE_LOCKED" ? locked() : new SottovoceError(code, MESSAGES[code], { cause });
}

/** node:sqlite gives a number with the primary code in its low byte, better-sqlite3 a name. */
function resultOf(cause: unknown): number | undefined {
  const { code, errcode } = cause as { code?: unknown; errcode?: unknown };
  if (typeof errcode === "number") return errcode & 0xff;
  const names: Readonly<Record<string, number>> = {
    SQLITE_BUSY: 5,
    SQLITE_CORRUPT: 11,
    SQLITE_FULL: 13,
    SQLITE_NOTADB: 26,
  };
  return typeof code === "string" ? names[code.split("_").slice(0, 2).join("_")] : undefined;
}
