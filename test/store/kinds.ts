// The kinds of store that one suite is run against, each with a medium that can be copied and can lose its process.
import "fake-indexeddb/auto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IDBFactory } from "fake-indexeddb";
import { afterAll, expect } from "vitest";
import { openIndexedDbStore, type StoreLock } from "../../src/store/indexeddb.ts";
import { openIndexedDbRows } from "../../src/store/indexeddb-rows.ts";
import { MemoryDisk, openMemoryStore } from "../../src/store/memory.ts";
import type { Row, Rows } from "../../src/store/rows.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { type DriverName, findDriver } from "../../src/store/sqlite-driver.ts";
import { openSqliteRows } from "../../src/store/sqlite-rows.ts";
import type { Store, StoreOptions } from "../../src/store/store.ts";

/** Where one store is kept. */
export interface Medium {
  open(options: StoreOptions): Promise<Store>;
  /** The bare table; nobody may have it open. */
  rows(): Promise<Rows>;
  /** As it is now, whoever has it open. */
  copy(): Promise<Medium>;
  /** As if the process that has it open had been killed; what that one goes on to do is lost. */
  crash(): Promise<void>;
  /** Whatever the medium holds, as bytes. Nobody may have it open. */
  contents(): Promise<readonly Uint8Array[]>;
}

export interface Kind {
  readonly name: string;
  /** Why it cannot be tested here; `undefined` when it can. */
  readonly missing: string | undefined;
  medium(): Medium;
}

const folder: string = mkdtempSync(join(tmpdir(), "sottovoce-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** A path where nothing is. */
export function newPath(): string {
  count += 1;
  const inside = join(folder, `${process.pid}-${count}`);
  mkdirSync(inside);
  return join(inside, "store.db");
}

/** The files of a store: the database and what SQLite keeps beside it. */
export function filesOf(path: string): readonly Uint8Array[] {
  const inside = join(path, "..");
  return readdirSync(inside).map((file) => new Uint8Array(readFileSync(join(inside, file))));
}

export async function allRows(rows: Rows): Promise<readonly Row[]> {
  return await rows.list(new Uint8Array(0), undefined, 1_000_000);
}

/** Everything in the table. Nobody may have it open. */
export async function snapshot(medium: Pick<Medium, "rows">): Promise<readonly Row[]> {
  const rows = await medium.rows();
  const all = await allRows(rows);
  await rows.close();
  return all;
}

/** The costs that the header of a store asks for: memory 4, passes 1 and lanes 1 after a salt of 16. */
export async function costs(medium: Pick<Medium, "rows">): Promise<readonly object[]> {
  const [header] = await snapshot(medium);
  const view = new DataView(header!.value.buffer, header!.value.byteOffset);
  expect(view.getUint8(21)).toBe(1);
  expect(view.getUint8(22)).toBe(1);
  return [{ memory: view.getUint32(39), passes: view.getUint8(43), lanes: view.getUint8(44) }];
}

/** Every row and the host's value are the same afterwards. */
export async function expectUntouched(medium: Medium, options: StoreOptions, task: () => Promise<void>): Promise<void> {
  const before = [await snapshot(medium), await options.epoch.get()];
  await task();
  expect([await snapshot(medium), await options.epoch.get()]).toEqual(before);
}

const memory: Kind = { name: "memory", missing: undefined, medium: () => onDisk(new MemoryDisk()) };

function onDisk(disk: MemoryDisk): Medium {
  return {
    open: (options) => openMemoryStore({ ...options, disk }),
    rows: () => disk.open(),
    copy: () => Promise.resolve(onDisk(disk.copy())),
    crash: () => Promise.resolve(disk.crash()),
    contents: async () => await contentsOf(await disk.open()),
  };
}

async function contentsOf(rows: Rows): Promise<readonly Uint8Array[]> {
  const all = await allRows(rows);
  await rows.close();
  return all.flatMap(({ name, value }) => [name, value]);
}

async function sqlite(name: DriverName): Promise<Kind> {
  const driver = await findDriver(name).catch((error: Error) => error);
  const at = (start: string): Medium => {
    let path = start;
    const copied = (): string => {
      const copy = newPath();
      for (const end of ["", "-wal"]) if (existsSync(path + end)) cpSync(path + end, copy + end);
      return copy;
    };
    return {
      open: (options) => openSqliteStore({ ...options, path, driver: name }),
      rows: async () => await openSqliteRows(await findDriver(name), path),
      copy: () => Promise.resolve(at(copied())),
      crash() {
        path = copied();
        return Promise.resolve();
      },
      contents: () => Promise.resolve(filesOf(path)),
    };
  };
  const missing = driver instanceof Error ? `${name} is not there` : undefined;
  return { name, missing, medium: () => at(newPath()) };
}

export const nodeSqlite: Kind = await sqlite("node:sqlite");
export const betterSqlite: Kind = await sqlite("better-sqlite3");

/** Locks of one process, as Web Locks would be of one browser. */
export function createLocks(): StoreLock {
  const held = new Set<string>();
  return (name) => {
    if (held.has(name)) return Promise.resolve(undefined);
    held.add(name);
    return Promise.resolve(() => held.delete(name));
  };
}

function inBrowser(start: IDBFactory): Medium {
  let indexedDB = start;
  let lock = createLocks();
  const name = "test";
  const copied = async (): Promise<IDBFactory> => {
    const source = await openIndexedDbRows({ name, indexedDB, lock: createLocks() });
    const rows = await allRows(source);
    await source.close();
    const factory = new IDBFactory();
    const target = await openIndexedDbRows({ name, indexedDB: factory, lock: createLocks() });
    await target.write(rows.map((row) => ({ kind: "put", ...row })));
    await target.close();
    return factory;
  };
  return {
    open: (options) => openIndexedDbStore({ ...options, name, indexedDB, lock }),
    rows: () => openIndexedDbRows({ name, indexedDB, lock }),
    copy: async () => inBrowser(await copied()),
    async crash() {
      indexedDB = await copied();
      lock = createLocks();
    },
    contents: async () => await contentsOf(await openIndexedDbRows({ name, indexedDB, lock })),
  };
}

const indexedDb: Kind = {
  name: "IndexedDB",
  missing: undefined,
  medium: () => inBrowser(new IDBFactory()),
};

export const kinds: readonly Kind[] = [memory, nodeSqlite, betterSqlite, indexedDb];

/** The name of a suite, which says so when it has to be skipped. */
export function titled({ name, missing }: Kind, title: string = ""): string {
  return `${name}${title}${missing === undefined ? "" : ` (SKIPPED: ${missing})`}`;
}
