// At rest, and when damaged: what can be read of a store of any kind, and what is left of it.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import { createMemoryEpoch } from "../../src/store/memory.ts";
import { rowKind } from "../../src/store/paths.ts";
import type { StoreOptions } from "../../src/store/store.ts";
import { codeOf, entries, everything, fresh, hostKey, includes, put, scanned } from "./keys.ts";
import { allRows, expectUntouched, type Kind, type Medium, snapshot } from "./kinds.ts";

export function describeRest(kind: Kind): void {
  describe("at rest", () => {
    it("nothing can be read: no value, no key, no drawer, no two that are the same", async () => {
      const medium = kind.medium();
      const options = fresh();
      const store = await medium.open(options);
      const secrets = ["alice@example.org", "chat-0123456789", "meet me at noon", "message", "endpoint"];
      await store.commit([
        put("peers/alice@example.org", "chat-0123456789"),
        put("chat-0123456789/message/1", "meet me at noon"),
        put("chat-0123456789/message/2", "meet me at noon"),
        put("chat-0123456789/endpoint", "alice@example.org"),
      ]);
      await store.close();
      for (const bytes of await medium.contents()) {
        for (const secret of secrets) expect(includes(bytes, utf8(secret))).toBe(false);
        expect(includes(bytes, hostKey)).toBe(false);
        const epoch = (await options.epoch.get())!;
        expect(includes(bytes, epoch.subarray(2, 34))).toBe(false);
      }
      const rows = await medium.rows();
      const values = (await allRows(rows)).map(({ value }) => Buffer.from(value).toString("hex"));
      await rows.close();
      // The header is there twice.
      expect(new Set(values).size).toBe(values.length - 1);
    });

    it("lengths are told in classes only", async () => {
      const medium = kind.medium();
      const options = fresh();
      const store = await medium.open(options);
      for (let size = 1; size <= 300; size++) {
        await store.commit([{ kind: "put", key: `a/${size}`, value: new Uint8Array(size) }]);
      }
      await store.close();
      const rows = await medium.rows();
      const records = (await allRows(rows)).filter(({ name }) => name[0] === rowKind.record);
      await rows.close();
      expect(new Set(records.map(({ value }) => value.length)).size).toBeLessThan(20);
    });

    it("of what was erased or renewed nothing opens: every row of before, put back", async () => {
      const medium = kind.medium();
      const options = fresh();
      const first = await medium.open(options);
      await first.commit([put("a/1", "erased"), put("b/1", "old"), put("c/1", "kept")]);
      await first.close();
      const before = await snapshot(medium);
      const second = await medium.open(options);
      await second.commit([
        { kind: "erase", drawer: "a" },
        { kind: "renew", drawer: "b" },
        { kind: "put", key: "b/1", value: utf8("new") },
      ]);
      await second.close();
      const rows = await medium.rows();
      const kept = before.filter(({ name }) => name[0] === rowKind.drawer || name[0] === rowKind.record);
      await rows.write(kept.map((row) => ({ kind: "put", ...row })));
      await rows.close();
      const third = await medium.open(options);
      expect(third.unreadable).toBe(3);
      for (const key of ["a/1", "b/1", "c/1"]) expect(await codeOf(third.get(key))).toBe("STORE_DAMAGED");
      await third.close();
    });
  });

  describe("damage", () => {
    it("to a record leaves the others, and is reported where it is met", async () => {
      const { medium, options } = await filled();
      await damage(medium, ({ name }) => name[0] === rowKind.record, 1);
      const store = await medium.open(options);
      const codes = await Promise.all(KEYS.map((key) => codeOf(store.get(key))));
      expect(codes.filter((code) => code === "STORE_DAMAGED")).toHaveLength(1);
      const found = (await Promise.all(["a/", "b/"].map((prefix) => entries(store, prefix)))).flat();
      const damaged = found.filter((one) => "damaged" in one);
      expect(found).toHaveLength(KEYS.length);
      expect(damaged).toMatchObject([{ drawer: expect.any(String), damaged: { code: "STORE_DAMAGED" } }]);
      const key = KEYS[codes.indexOf("STORE_DAMAGED")]!;
      await store.commit([{ kind: "renew", drawer: key.slice(0, 1) }]);
      expect(await codeOf(store.get(key))).toBe("STORE_DAMAGED");
      await store.commit([{ kind: "delete", key }]);
      expect(await store.get(key)).toBeUndefined();
      expect(Object.keys(await everything(store))).toHaveLength(KEYS.length - 1);
      await store.close();
    });

    it("to the key of a drawer leaves the other drawers, until it is erased", async () => {
      const { medium, options } = await filled();
      await damage(medium, ({ name }) => name[0] === rowKind.drawer, 1);
      for (let i = 0; i < 2; i++) {
        const store = await medium.open(options);
        expect(store.unreadable).toBe(1);
        const [left] = await store.drawers();
        const gone = left === "a" ? "b" : "a";
        expect(Object.keys(await everything(store))).toHaveLength(3);
        for (const ask of [
          store.get(`${gone}/1`),
          entries(store, `${gone}/`),
          store.commit([put(`${gone}/1`, "")]),
          store.commit([{ kind: "delete", key: `${gone}/1` }]),
          store.commit([{ kind: "renew", drawer: gone }]),
        ]) {
          expect(await codeOf(ask)).toBe("STORE_DAMAGED");
        }
        expect(await store.get("c/1")).toBeUndefined();
        if (i === 1) {
          await store.commit([{ kind: "erase", drawer: gone }, put(`${gone}/1`, "again")]);
          expect(store.unreadable).toBe(0);
          expect(await scanned(store, `${gone}/`)).toEqual({ [`${gone}/1`]: "again" });
        }
        await store.close();
      }
    });

    it("to one copy of the header does no harm, to both it is the end", async () => {
      const { medium, options } = await filled();
      for (const kind of [rowKind.header, rowKind.headerCopy]) {
        await damage(medium, ({ name }) => name[0] === kind, 1);
        const store = await medium.open(options);
        expect(Object.keys(await everything(store))).toHaveLength(KEYS.length);
        await store.close();
      }
      await damage(medium, ({ name }) => name[0] === rowKind.header || name[0] === rowKind.headerCopy, 2);
      await expectUntouched(medium, options, async () => {
        expect(await codeOf(medium.open(options))).toBe("STORE_DAMAGED");
      });
    });

    it("of a table without a header is no reason to make a new store", async () => {
      const { medium, options } = await filled();
      const rows = await medium.rows();
      await rows.write([rowKind.header, rowKind.headerCopy].map((at) => ({ kind: "delete", name: Uint8Array.of(at) })));
      await rows.close();
      expect(await codeOf(medium.open({ ...options, epoch: createMemoryEpoch() }))).toBe("STORE_DAMAGED");
    });

    it("done on purpose, by exchanging two records or two drawers, is damage", async () => {
      for (const at of [rowKind.record, rowKind.drawer]) {
        const { medium, options } = await filled();
        const rows = await medium.rows();
        const [one, two] = (await allRows(rows)).filter(({ name }) => name[0] === at);
        await rows.write([
          { kind: "put", name: one!.name, value: two!.value },
          { kind: "put", name: two!.name, value: one!.value },
        ]);
        await rows.close();
        const store = await medium.open(options);
        const codes = await Promise.all(KEYS.map((key) => codeOf(store.get(key))));
        expect(codes.filter((code) => code === "STORE_DAMAGED")).toHaveLength(at === rowKind.record ? 2 : KEYS.length);
        await store.close();
      }
    });
  });

  const KEYS = ["a/1", "a/2", "a/f/1", "b/1", "b/2", "b/f/1"];

  async function filled(): Promise<{ medium: Medium; options: StoreOptions }> {
    const medium = kind.medium();
    const options = fresh();
    const store = await medium.open(options);
    await store.commit(KEYS.map((key) => put(key, `value of ${key}`)));
    await store.close();
    return { medium, options };
  }
}

/** Changes a bit in the values of the first rows that fit. */
async function damage(medium: Medium, fits: (row: { name: Uint8Array }) => boolean, howMany: number): Promise<void> {
  const rows = await medium.rows();
  for (const { name, value } of (await allRows(rows)).filter(fits).slice(0, howMany)) {
    const changed = value.slice();
    changed[value.length >> 1]! ^= 4;
    await rows.write([{ kind: "put", name, value: changed }]);
  }
  await rows.close();
}
