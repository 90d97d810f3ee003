// IndexedDB in particular: durability, locks, quota, other versions (spec/13, "IndexedDB").
import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openIndexedDbStore } from "../../src/store/indexeddb.ts";
import { codeOf, everything, fresh, put } from "./keys.ts";
import { createLocks } from "./kinds.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const here = () => ({ name: "device", indexedDB: new IDBFactory(), lock: createLocks() });

describe("a store in IndexedDB", () => {
  it("asks for strict durability, always", async () => {
    const place = here();
    const asked: unknown[] = [];
    const store = await openIndexedDbStore({ ...fresh(), ...place });
    const original = IDBDatabase.prototype.transaction;
    vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(function (this: IDBDatabase, ...given) {
      asked.push(given);
      return original.apply(this, given);
    });
    await store.commit([put("a/b", "c")]);
    expect(asked).toEqual([["rows", "readwrite", { durability: "strict" }]]);
    await store.close();
  });

  it("without room refuses the commit and goes on", async () => {
    const store = await openIndexedDbStore({ ...fresh(), ...here() });
    await store.commit([put("a/1", "kept")]);
    const original = IDBObjectStore.prototype.put;
    const full = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
      this: IDBObjectStore,
      ...given
    ) {
      const request = original.apply(this, given);
      // What browsers do when writing is what exceeds the quota: the transaction ends with that error.
      (this.transaction as unknown as { _abort(name: string): void })._abort("QuotaExceededError");
      return request;
    });
    expect(await codeOf(store.commit([put("a/2", "refused")]))).toBe("STORE_FULL");
    full.mockRestore();
    expect(await everything(store)).toEqual({ "a/1": "kept" });
    await store.commit([put("a/2", "taken")]);
    await store.close();
  });

  it("whose database is closed under it says so, and loses nothing", async () => {
    const place = here();
    const options = { ...fresh(), ...place };
    const store = await openIndexedDbStore(options);
    await store.commit([put("a/1", "kept")]);
    vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(() => {
      throw new DOMException("closed", "InvalidStateError");
    });
    expect(await codeOf(store.commit([put("a/2", "")]))).toBe("STORE_IO");
    vi.restoreAllMocks();
    expect(await codeOf(store.get("a/1"))).toBe("STORE_IO");
    await store.close();
    const again = await openIndexedDbStore(options);
    expect(await everything(again)).toEqual({ "a/1": "kept" });
    await again.close();
  });

  it("of a newer version is left alone", async () => {
    const place = here();
    await new Promise((resolve) => {
      const request = place.indexedDB.open("sottovoce-store-device", 2);
      request.onsuccess = () => resolve(request.result.close());
    });
    expect(await codeOf(openIndexedDbStore({ ...fresh(), ...place }))).toBe("STORE_VERSION");
    // Again: the lock was given back.
    expect(await codeOf(openIndexedDbStore({ ...fresh(), ...place }))).toBe("STORE_VERSION");
  });

  it("gives the lock back when it does not open", async () => {
    const options = { ...fresh(), ...here() };
    await (await openIndexedDbStore(options)).close();
    expect(await codeOf(openIndexedDbStore({ ...options, key: new Uint8Array(32) }))).toBe("STORE_KEY");
    await (await openIndexedDbStore(options)).close();
  });

  it("does not open without IndexedDB, nor without a lock", async () => {
    const { lock, ...unlocked } = here();
    vi.stubGlobal("navigator", {});
    expect(await codeOf(openIndexedDbStore({ ...fresh(), ...unlocked }))).toBe("STORE_UNAVAILABLE");
    vi.stubGlobal("indexedDB", undefined);
    expect(await codeOf(openIndexedDbStore({ ...fresh(), name: "device", lock }))).toBe("STORE_UNAVAILABLE");
  });

  const locks = globalThis.navigator?.locks;
  it.skipIf(locks === undefined)(
    locks === undefined ? "SKIPPED: this Node has no Web Locks" : "takes the Web Lock of its name",
    async () => {
      const { name, indexedDB } = here();
      const options = { ...fresh(), name, indexedDB };
      const store = await openIndexedDbStore(options);
      expect((await navigator.locks.query()).held?.map((lock) => lock.name)).toEqual(["sottovoce-store-device"]);
      expect(await codeOf(openIndexedDbStore(options))).toBe("STORE_LOCKED");
      const waiting = openIndexedDbStore({ ...options, wait: 5000 });
      await store.close();
      await (await waiting).close();
    },
  );
});
