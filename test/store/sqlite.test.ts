// SQLite in particular: its files, its locks, its damage, both drivers (spec/13, "SQLite").
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { type DriverName, findDriver } from "../../src/store/sqlite-driver.ts";
import { openSqliteRows } from "../../src/store/sqlite-rows.ts";
import { codeOf, everything, fresh, put, read } from "./keys.ts";
import { betterSqlite, type Kind, newPath, nodeSqlite, titled } from "./kinds.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each([nodeSqlite, betterSqlite])("$name", (kind) => {
  describe.skipIf(kind.missing !== undefined)(titled(kind), () => {
    describeFile(kind.name as DriverName);
  });
});

function describeFile(driver: DriverName): void {
  it("is one file, for its owner only, in folders that are made; beside it the log, while it is open", async () => {
    const path = join(newPath(), "..", "account", "device", "store.db");
    const store = await openSqliteStore({ ...fresh(), path, driver });
    await store.commit([put("a/b", "c")]);
    expect(readdirSync(join(path, "..")).sort()).toEqual(["store.db", "store.db-wal"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    await store.close();
    expect(readdirSync(join(path, ".."))).toEqual(["store.db"]);
    expect(readFileSync(path).subarray(68, 72).toString()).toBe("SVST");
  });

  it("cuts the log to nothing a second after a commit", async () => {
    const path = newPath();
    const store = await openSqliteStore({ ...fresh(), path, driver });
    await store.commit([put("a/b", "c")]);
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    await vi.waitUntil(() => statSync(`${path}-wal`).size === 0, { timeout: 5000, interval: 100 });
    expect(await read(store, "a/b")).toBe("c");
    await store.close();
  });

  it("is not opened twice by one process, whichever way it is called", async () => {
    const path = newPath();
    const options = { ...fresh(), path, driver };
    const store = await openSqliteStore(options);
    const detour = join(path, "..", "..", join(path, "..").split("/").at(-1)!, "store.db");
    expect(await codeOf(openSqliteStore({ ...options, path: detour }))).toBe("STORE_LOCKED");
    expect(await codeOf(openSqliteStore({ ...fresh(), path }))).toBe("STORE_LOCKED");
    // A second SQLite in the process would not see the lock of the first: here, because it has another file.
    const { name, open } = await findDriver(driver);
    const blind = { name, open: () => open(newPath()) };
    expect(await codeOf(openSqliteRows(blind, path))).toBe("STORE_LOCKED");
    await store.close();
    await (await openSqliteRows(blind, path)).close();
    await (await openSqliteStore({ ...options, path: detour })).close();
  });

  it.each([
    [
      "something else",
      Buffer.from("this is not a database, and long enough not to be taken for an empty one.".repeat(9)),
    ],
    ["a database of somebody else", undefined],
  ])("that is %s is left alone", async (_, content) => {
    const path = newPath();
    if (content !== undefined) writeFileSync(path, content);
    else {
      const database = (await findDriver(driver)).open(path);
      database.exec("CREATE TABLE theirs (x)");
      database.close();
    }
    const before = readFileSync(path);
    expect(await codeOf(openSqliteStore({ ...fresh(), path, driver }))).toBe("STORE_DAMAGED");
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("of a later schema is left alone", async () => {
    const path = newPath();
    await (await openSqliteStore({ ...fresh(), path, driver })).close();
    const database = (await findDriver(driver)).open(path);
    database.exec("PRAGMA user_version = 2");
    database.close();
    expect(await codeOf(openSqliteStore({ ...fresh(), path, driver }))).toBe("STORE_VERSION");
  });

  it("that cannot be made is said so", async () => {
    const path = join(newPath(), "..", "file");
    writeFileSync(path, "");
    expect(await codeOf(openSqliteStore({ ...fresh(), path: join(path, "store.db"), driver }))).toBe("STORE_IO");
  });

  it("with bytes damaged anywhere gives what was stored, or an error, and never something else", async () => {
    const path = newPath();
    const options = { ...fresh(), path, driver };
    const store = await openSqliteStore(options);
    const content = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`d${i % 5}/r/${i}`, `v${i}`.repeat(i * 3)]),
    );
    await store.commit(Object.entries(content).map(([key, value]) => put(key, value)));
    await store.close();
    const sound = readFileSync(path);
    const epoch = (await options.epoch.get())!;
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: sound.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          writeFileSync(path, sound);
          const file = openSync(path, "r+");
          writeSync(file, Uint8Array.of(sound[at]! ^ by), 0, 1, at);
          closeSync(file);
          await options.epoch.set(epoch);
          const opened = await openSqliteStore(options).catch((error) => error);
          if (opened instanceof Error) {
            outcomes.add((opened as { code?: string }).code ?? String(opened));
            return;
          }
          for (const [key, value] of Object.entries(content)) {
            const found = await read(opened, key).catch((error) => error);
            if (found instanceof Error) outcomes.add((found as { code?: string }).code ?? String(found));
            // The name of a row may be what was damaged: then there is none.
            else expect([value, undefined]).toContain(found);
          }
          await opened.close();
        },
      ),
      { numRuns: 60 },
    );
    for (const outcome of outcomes) expect(["STORE_DAMAGED", "STORE_IO"]).toContain(outcome);
  });

  it("keeps going when the timer finds the log busy, and does not keep the process alive", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    const path = newPath();
    const rows = await openSqliteRows(await findDriver(driver), path);
    await rows.write([{ kind: "put", name: Uint8Array.of(1), value: Uint8Array.of(2) }]);
    const timer = timers.mock.results.at(-1)?.value as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    await rows.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });
}

const both: Kind | undefined = [nodeSqlite, betterSqlite].find(({ missing }) => missing !== undefined);
describe("node:sqlite and better-sqlite3", () => {
  it.skipIf(both !== undefined)(
    both === undefined ? "read each other's files" : `SKIPPED: ${both.missing}`,
    async () => {
      const path = newPath();
      const options = { ...fresh(), path };
      const one = await openSqliteStore({ ...options, driver: "node:sqlite" });
      await one.commit([put("a/b", "from node")]);
      await one.close();
      const two = await openSqliteStore({ ...options, driver: "better-sqlite3" });
      expect(await codeOf(openSqliteStore({ ...options, driver: "node:sqlite" }))).toBe("STORE_LOCKED");
      expect(await everything(two)).toEqual({ "a/b": "from node" });
      await two.close();
    },
  );

  it("without either say what to do", async () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    expect(await codeOf(findDriver("node:sqlite"))).toBe("STORE_UNAVAILABLE");
  });

  it("are chosen in that order", async () => {
    const first = [nodeSqlite, betterSqlite].find(({ missing }) => missing === undefined);
    if (first === undefined) expect(await codeOf(findDriver())).toBe("STORE_UNAVAILABLE");
    else expect((await findDriver()).name).toBe(first.name);
  });
});
