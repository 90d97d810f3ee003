// A store in the browser's IndexedDB (spec/13, "IndexedDB").
import { type IndexedDbPlace, openIndexedDbRows, type StoreLock } from "./indexeddb-rows.ts";
import { openSealedStore } from "./open.ts";
import { waitForLock } from "./rows.ts";
import type { Store, StoreOptions } from "./store.ts";

export type * from "./store.ts";
export { defaultCost } from "./store.ts";
export type { StoreLock };

export interface IndexedDbStoreOptions extends StoreOptions, IndexedDbPlace {}

/**
 * Opens a store in IndexedDB, making it when it is new.
 *
 * @throws SottovoceError `STORE_LOCKED` when somebody has it open, `STORE_KEY`, `STORE_STALE`, `STORE_VERSION` or
 * `STORE_DAMAGED` as in spec/13, "Opening", `STORE_UNAVAILABLE` without IndexedDB or a lock, `STORE_FULL`, `STORE_IO`.
 */
export async function openIndexedDbStore(options: IndexedDbStoreOptions): Promise<Store> {
  const rows = await waitForLock(() => openIndexedDbRows(options), options.wait ?? 0);
  return await openSealedStore(rows, options);
}
