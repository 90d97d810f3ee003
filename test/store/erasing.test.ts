// What was erased, overwritten or expired is in no file, not even sealed, and nothing that is left opens it (spec/13,
// "Erasing").

import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, utf8 } from "../../src/bytes.ts";
import { openDrawer } from "../../src/store/drawers.ts";
import { decodeHeader, type Header, openSlot } from "../../src/store/header.ts";
import { rowKind } from "../../src/store/paths.ts";
import type { Rows } from "../../src/store/rows.ts";
import { unseal } from "../../src/store/sealing.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { type DriverName, findDriver } from "../../src/store/sqlite-driver.ts";
import { openSqliteRows } from "../../src/store/sqlite-rows.ts";
import type { Op } from "../../src/store/store.ts";
import { fresh, hostKey, includes, put } from "./keys.ts";
import { allRows, betterSqlite, filesOf, newPath, nodeSqlite, snapshot, titled } from "./kinds.ts";

describe.each([nodeSqlite, betterSqlite])("$name", (kind) => {
  describe.skipIf(kind.missing !== undefined)(titled(kind), () => {
    describeErasing(kind.name as DriverName);
  });
});

function describeErasing(driver: DriverName): void {
  it("an erased chat is in no file, log included, when the commit resolves", async () => {
    const path = newPath();
    const options = { ...fresh(), path, driver };
    const store = await openSqliteStore(options);
    await store.commit([
      put("chat-7/peer", "alice@example.org"),
      put("chat-7/message/1", "meet me at noon"),
      put("chat-7/message/2", "x".repeat(20_000)),
      put("chat-8/message/1", "stays"),
    ]);
    await store.commit([put("chat-7/message/1", "meet me at ten")]);
    const before = await sealedIn(path, driver);
    await store.commit([{ kind: "erase", drawer: "chat-7" }]);
    const after = await sealedIn(path, driver);
    const gone = [...before].filter((value) => !after.has(value));
    // The drawer's key and its three records; one of them was overwritten before.
    expect(gone).toHaveLength(4);
    expectNowhere(path, gone);
    await store.close();
    expectNowhere(path, gone);
    for (const text of ["alice@example.org", "meet me", "chat-7"]) {
      expect(filesOf(path).some((file) => includes(file, utf8(text)))).toBe(false);
    }
  });

  it("keys that were exchanged are in no file when that resolves", async () => {
    const path = newPath();
    const store = await openSqliteStore({ ...fresh(), path, driver });
    await store.commit([put("chat-7/message/1", "kept")]);
    const before = await sealedIn(path, driver);
    await store.rekey();
    const after = await sealedIn(path, driver);
    const gone = [...before].filter((value) => !after.has(value));
    expect(gone).toHaveLength(1);
    expectNowhere(path, gone);
    await store.close();
  });

  it("whatever is overwritten or deleted is in no file once the store is closed", async () => {
    const anOp = fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 6000 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anOp, { minLength: 1, maxLength: 5 }), { maxLength: 40 }), async (commits) => {
        const path = newPath();
        const rows = await openSqliteRows(await findDriver(driver), path);
        const live = new Map<number, Uint8Array>();
        const dead: Uint8Array[] = [];
        for (const commit of commits) {
          await rows.write(
            commit.map(([at, size, gone]) => {
              const name = concat(Uint8Array.of(at), new Uint8Array(40));
              const before = live.get(at);
              if (before !== undefined) dead.push(before);
              live.delete(at);
              if (gone) return { kind: "delete", name };
              const value = crypto.getRandomValues(new Uint8Array(size + 64));
              live.set(at, value);
              return { kind: "put", name, value };
            }),
          );
        }
        await rows.close();
        const [file, ...more] = filesOf(path);
        expect(more).toEqual([]);
        // Any part of it: pages move cells about.
        for (const value of dead) {
          for (let i = 0; i + 16 <= value.length; i += 256) {
            expect(includes(file!, value.subarray(i, i + 16))).toBe(false);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  it("what flash may have kept of it opens with no key that is left", async () => {
    const path = newPath();
    const options = { ...fresh(), path, driver };
    const first = await openSqliteStore(options);
    await first.commit([
      put("chat-7/message/1", "erased"),
      put("chat-8/state", "old"),
      put("chat-9/message/1", "kept"),
    ]);
    // Everything that the disk ever held, and what was kept of it although it was deleted.
    const remains = await everSealed(path, driver, async (look) => {
      await look();
      await first.commit([
        { kind: "erase", drawer: "chat-7" },
        { kind: "renew", drawer: "chat-8" },
        put("chat-8/state", "new"),
      ] satisfies Op[]);
      await look();
      await first.rekey();
      await look();
      await first.close();
      await look();
    });
    const epoch = (await options.epoch.get())!.subarray(2, 34);
    const opened = openAll(remains, [hostKey, epoch]);
    expect(opened).toContain("message/1kept");
    expect(opened).toContain("statenew");
    expect(opened).not.toContain("message/1erased");
    expect(opened).not.toContain("stateold");
  });
}

/** The values of all rows in hexadecimal, from a copy of the files: reading the files themselves would end the lock. */
async function sealedIn(path: string, driver: DriverName): Promise<ReadonlySet<string>> {
  const rows = await copyOf(path, driver);
  const values = (await allRows(rows)).filter(({ name }) => name[0] === rowKind.record || name[0] === rowKind.drawer);
  await rows.close();
  return new Set(values.map(({ value }) => Buffer.from(value).toString("hex")));
}

async function copyOf(path: string, driver: DriverName): Promise<Rows> {
  const copy = newPath();
  for (const file of readdirSync(join(path, ".."))) cpSync(join(path, "..", file), join(copy, "..", file));
  return await openSqliteRows(await findDriver(driver), copy);
}

function expectNowhere(path: string, values: readonly string[]): void {
  const files = readdirSync(join(path, "..")).map((file) => readFileSync(join(path, "..", file)));
  expect(files.length).toBeGreaterThan(0);
  for (const value of values) {
    for (const file of files) {
      for (let i = 0; i + 32 <= value.length; i += 128) {
        expect(file.includes(Buffer.from(value.slice(i, i + 32), "hex"))).toBe(false);
      }
    }
  }
}

type Ever = readonly { readonly name: Uint8Array; readonly value: Uint8Array }[];

/** Every row that was ever seen by one of the looks. */
async function everSealed(
  path: string,
  driver: DriverName,
  history: (look: () => Promise<void>) => Promise<void>,
): Promise<Ever> {
  const ever: { name: Uint8Array; value: Uint8Array }[] = [];
  await history(async () => {
    const rows = await copyOf(path, driver);
    ever.push(...(await snapshot({ rows: () => Promise.resolve(rows) })));
  });
  return ever;
}

/** What somebody reads who has all that the disk ever held, and the keys that the host has now. */
function openAll(ever: Ever, [wrapping, epoch]: readonly [Uint8Array, Uint8Array]): readonly string[] {
  const headers = ever
    .filter(({ name }) => name[0] === rowKind.header)
    .map(({ value }) => decodeHeader(value) as Header);
  const storeId = headers[0]!.storeId;
  const roots = headers
    .flatMap(({ slots }) => slots.map((slot) => openSlot(storeId, slot, wrapping, epoch)))
    .filter((opened) => typeof opened === "object");
  expect(roots.length).toBeGreaterThan(0);
  const drawers = roots.flatMap((root) =>
    ever.filter(({ name }) => name[0] === rowKind.drawer).flatMap((row) => openDrawer(storeId, root, row) ?? []),
  );
  const found = drawers.flatMap(({ sealing }) =>
    ever.flatMap(({ name, value }) => {
      const content = unseal(sealing, concat(utf8("sottovoce store 1 record\0"), storeId, name), value);
      return content === undefined ? [] : [text(content)];
    }),
  );
  return found;
}

/** Name and value of a record, one after the other. */
function text(content: Uint8Array): string {
  const length = new DataView(content.buffer, content.byteOffset).getUint32(0);
  return Buffer.from(content.subarray(6, 4 + length)).toString();
}
