// A disk that is full: commits are refused, nothing acknowledged is lost, and the store goes on (spec/13, "Commits").
import { describe, expect, it } from "vitest";
import { openSealedStore } from "../../src/store/open.ts";
import { type DriverName, findDriver } from "../../src/store/sqlite-driver.ts";
import { openSqliteRows } from "../../src/store/sqlite-rows.ts";
import type { Op, Store, StoreOptions } from "../../src/store/store.ts";
import { codeOf, everything, fresh, put } from "./keys.ts";
import { betterSqlite, newPath, nodeSqlite, titled } from "./kinds.ts";

describe.each([nodeSqlite, betterSqlite])("$name", (kind) => {
  describe.skipIf(kind.missing !== undefined)(titled(kind), () => {
    describeFullDisk(kind.name as DriverName);
  });
});

/** Pages of 4096 bytes: room for a few dozen records. */
const SMALL = "PRAGMA max_page_count = 40;";

function describeFullDisk(driver: DriverName): void {
  const open = async (path: string, options: StoreOptions, configure: string = ""): Promise<Store> =>
    await openSealedStore(await openSqliteRows(await findDriver(driver), path, configure), options);
  const fill = (i: number): readonly Op[] => [put(`a/${i}`, "x".repeat(3000)), put(`b/${i}`, `${i}`)];

  it("refuses a commit whole, keeps the others, and goes on when there is room", async () => {
    const path = newPath();
    const options = fresh();
    const store = await open(path, options, SMALL);
    const acknowledged: number[] = [];
    let refused = 0;
    for (let i = 0; i < 60; i++) {
      const code = await codeOf(store.commit(fill(i)));
      if (code === "none") acknowledged.push(i);
      else {
        expect(code).toBe("STORE_FULL");
        refused += 1;
      }
    }
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(10);
    const content = Object.assign(
      {},
      ...acknowledged.map((i) => ({ [`a/${i}`]: "x".repeat(3000), [`b/${i}`]: `${i}` })),
    );
    expect(await everything(store)).toEqual(content);
    await store.commit([{ kind: "erase", drawer: "a" }]);
    await store.commit([put("c/after", "room again")]);
    await store.close();
    const reopened = await open(path, options);
    expect(Object.keys(await everything(reopened)).sort()).toEqual(
      [...acknowledged.map((i) => `b/${i}`), "c/after"].sort(),
    );
    await reopened.close();
  });

  it("never loses a store for want of room, wherever in its life that comes", async () => {
    for (let pages = 1; pages < 24; pages++) {
      const path = newPath();
      const options = fresh({ freshness: pages % 2 === 0 ? "opening" : "commit" });
      const acknowledged: string[] = [];
      const codes = new Set<string>();
      try {
        const store = await open(path, options, `PRAGMA max_page_count = ${pages};`);
        for (let i = 0; i < 12; i++) {
          const code = await codeOf(store.commit([put(`d${i}/r`, "y".repeat(i * 300))]));
          if (code === "none") acknowledged.push(`d${i}/r`);
          codes.add(code);
        }
        codes.add(await codeOf(store.rekey()));
        await store.close();
      } catch (error) {
        codes.add((error as { code: string }).code);
      }
      for (const code of codes) expect(["none", "STORE_FULL", "STORE_IO"]).toContain(code);
      const reopened = await open(path, options);
      expect(Object.keys(await everything(reopened))).toEqual(expect.arrayContaining(acknowledged));
      await reopened.close();
    }
  });
}
