// SQLite of whichever kind there is: node:sqlite, or better-sqlite3 (spec/13, "SQLite"). Node only.
import { SottovoceError } from "../errors.ts";

/** What both have in common, of what we use. */
export interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

export interface Statement {
  run(...parameters: readonly Value[]): unknown;
  get(...parameters: readonly Value[]): unknown;
  all(...parameters: readonly Value[]): unknown[];
}

export type Value = Uint8Array | number;

export interface Driver {
  readonly name: DriverName;
  open(path: string): Database;
}

export type DriverName = "node:sqlite" | "better-sqlite3";

/**
 * The driver of that name; without one, node:sqlite where the runtime has it, else better-sqlite3.
 *
 * @throws SottovoceError `STORE_UNAVAILABLE` when it is not there.
 */
export async function findDriver(name?: DriverName): Promise<Driver> {
  const missing: unknown[] = [];
  for (const [candidate, load] of DRIVERS) {
    if (name !== undefined && name !== candidate) continue;
    try {
      return { name: candidate, open: await load() };
    } catch (error) {
      missing.push(error);
    }
  }
  throw new SottovoceError(
    "STORE_UNAVAILABLE",
    "There is no SQLite here: use Node 22.5 or later, or install better-sqlite3 12 and see that it builds.",
    { cause: missing.length === 1 ? missing[0] : missing },
  );
}

const DRIVERS: readonly (readonly [DriverName, () => Promise<Driver["open"]>])[] = [
  ["node:sqlite", () => Promise.resolve(loadBuiltIn())],
  ["better-sqlite3", loadPackage],
];

function loadBuiltIn(): Driver["open"] {
  // Not imported: where it is missing, an import fails before anything can be said about it.
  const sqlite = process.getBuiltinModule("node:sqlite") as
    | { readonly DatabaseSync: new (path: string) => Database }
    | undefined;
  if (sqlite === undefined) throw new Error("This Node has no node:sqlite.");
  return (path) => new sqlite.DatabaseSync(path);
}

async function loadPackage(): Promise<Driver["open"]> {
  const { default: Sqlite } = await import("better-sqlite3");
  // The package may be there without its compiled half: that shows only now.
  new Sqlite(":memory:").close();
  return (path) => new Sqlite(path, { timeout: 0 }) as unknown as Database;
}
