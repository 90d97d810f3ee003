// A store in a file of SQLite (spec/13, "SQLite"). Node only.
import { openSealedStore } from "./open.ts";
import { waitForLock } from "./rows.ts";
import { type DriverName, findDriver } from "./sqlite-driver.ts";
import { openSqliteRows } from "./sqlite-rows.ts";
import type { Store, StoreOptions } from "./store.ts";

export type * from "./store.ts";
export { defaultCost } from "./store.ts";

export interface SqliteStoreOptions extends StoreOptions {
  /** The file of the database; `-wal` is beside it while the store is open. Folders above it are made. */
  readonly path: string;
  /** Which SQLite. Default: `node:sqlite` where the runtime has it, else `better-sqlite3`. */
  readonly driver?: DriverName;
}

/**
 * Opens a store in a file, making it when it is new, readable for its owner only.
 *
 * @throws SottovoceError `STORE_LOCKED` when somebody has it open, `STORE_KEY`, `STORE_STALE`, `STORE_VERSION` or
 * `STORE_DAMAGED` as in spec/13, "Opening", `STORE_UNAVAILABLE` when there is no SQLite, `STORE_FULL` or `STORE_IO`.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const driver = await findDriver(options.driver);
  const rows = await waitForLock(() => openSqliteRows(driver, options.path), options.wait ?? 0);
  return await openSealedStore(rows, options);
}
