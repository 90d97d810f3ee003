// Keys, older copies, migrations: how a store of any kind opens, and when it does not.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import { createMemoryEpoch } from "../../src/store/memory.ts";
import type { Argon2Cost, Op, StoreOptions } from "../../src/store/store.ts";
import { cheap, codeOf, everything, fresh, hostKey, put, read } from "./keys.ts";
import { costs, expectUntouched, type Kind, type Medium } from "./kinds.ts";

export function describeOpening(kind: Kind): void {
  describe("opening", () => {
    it("finds what was there, and says how the store was left", async () => {
      const medium = kind.medium();
      const options = fresh();
      const first = await medium.open(options);
      expect(first.found).toBe("new");
      await first.commit([put("a/b", "kept"), put("b/b", "too")]);
      await first.close();
      await first.close();
      const second = await medium.open(options);
      expect(second.found).toBe("closed");
      expect(await everything(second)).toEqual({ "a/b": "kept", "b/b": "too" });
      await medium.crash();
      const third = await medium.open(options);
      expect(third.found).toBe("crashed");
      expect(await everything(third)).toEqual({ "a/b": "kept", "b/b": "too" });
      await third.close();
    });

    it.each([
      ["another key", new Uint8Array(32)],
      ["a passphrase", { passphrase: "secret", cost: cheap }],
    ] as const)("with %s changes nothing", async (_, key) => {
      const medium = kind.medium();
      const options = fresh();
      const store = await medium.open(options);
      await store.commit([put("a/b", "kept")]);
      await store.close();
      await expectUntouched(medium, options, async () => {
        expect(await codeOf(medium.open({ ...options, key }))).toBe("STORE_KEY");
      });
      await (await medium.open(options)).close();
    });

    it("with a passphrase wants the same one, in any normal form, and its cost can only go up", async () => {
      const medium = kind.medium();
      const opened = async (passphrase: string, cost: Argon2Cost) => {
        const store = await medium.open(fresh({ epoch, key: { passphrase, cost } }));
        await store.close();
      };
      const epoch = createMemoryEpoch();
      await opened("caf\u00e9", cheap);
      expect(await codeOf(opened("cafe", cheap))).toBe("STORE_KEY");
      expect(await codeOf(medium.open(fresh({ epoch })))).toBe("STORE_KEY");
      expect(await costs(medium)).toEqual([cheap]);
      await opened("cafe\u0301", { memory: 128, passes: 2, lanes: 1 });
      expect(await costs(medium)).toEqual([{ memory: 128, passes: 2, lanes: 1 }]);
      await opened("caf\u00e9", cheap);
      expect(await costs(medium)).toEqual([{ memory: 128, passes: 2, lanes: 1 }]);
      await opened("caf\u00e9", { memory: 64, passes: 3, lanes: 1 });
      expect(await costs(medium)).toEqual([{ memory: 128, passes: 3, lanes: 1 }]);
    });

    it.each([
      ["a key of 31 bytes", new Uint8Array(31)],
      ["an empty passphrase", { passphrase: "" }],
      ["a cost beyond the bounds", { passphrase: "x", cost: { memory: 2 ** 21, passes: 1, lanes: 1 } }],
      ["a cost that Argon2 cannot have", { passphrase: "x", cost: { memory: 8, passes: 1, lanes: 2 } }],
      ["a cost in fractions", { passphrase: "x", cost: { memory: 64, passes: 1.5, lanes: 1 } }],
    ])("with %s is refused", async (_, key) => {
      expect(await codeOf(kind.medium().open(fresh({ key })))).toBe("BAD_ARGUMENT");
    });

    it("is for one at a time; who asks can wait", async () => {
      const medium = kind.medium();
      const options = fresh();
      const first = await medium.open(options);
      expect(await codeOf(medium.open(options))).toBe("STORE_LOCKED");
      expect(await codeOf(medium.open({ ...options, wait: 60 }))).toBe("STORE_LOCKED");
      const second = medium.open({ ...options, wait: 5000 });
      await first.commit([put("a/b", "1")]);
      await first.close();
      expect(await read(await second, "a/b")).toBe("1");
      await (await second).close();
    });

    it("of a newer format or schema is refused and changes nothing", async () => {
      const medium = kind.medium();
      const options = fresh({ migrations: [() => Promise.resolve([])] });
      await (await medium.open(options)).close();
      await expectUntouched(medium, options, async () => {
        expect(await codeOf(medium.open({ ...options, migrations: [] }))).toBe("STORE_VERSION");
      });
    });

    it("migrates what an older version stored, each step once", async () => {
      const medium = kind.medium();
      const options = fresh();
      const first = await medium.open(options);
      await first.commit([put("chat-1/text", "hello"), put("chat-2/text", "you")]);
      await first.close();
      const done: string[] = [];
      const migrations: StoreOptions["migrations"] = [
        async (old) => {
          done.push("rename");
          const drawers = await old.drawers("chat-");
          const ops = drawers.map(async (drawer): Promise<Op[]> => {
            const value = (await old.get(`${drawer}/text`))!;
            return [
              { kind: "put", key: `${drawer}/message/1`, value },
              { kind: "delete", key: `${drawer}/text` },
            ];
          });
          return (await Promise.all(ops)).flat();
        },
        () => {
          done.push("mark");
          return Promise.resolve([put("account/mark", "2")]);
        },
      ];
      const second = await medium.open({ ...options, migrations: migrations.slice(0, 1) });
      await second.close();
      const failing = async (): Promise<never> => await Promise.reject(new Error("cannot"));
      const third = medium.open({ ...options, migrations: [...migrations, failing] });
      await expect(third).rejects.toThrow("cannot");
      const fourth = await medium.open({ ...options, migrations });
      expect(await everything(fourth)).toEqual({
        "chat-1/message/1": "hello",
        "chat-2/message/1": "you",
        "account/mark": "2",
      });
      expect(done).toEqual(["rename", "mark"]);
      await fourth.close();
    });

    it("begins a new store after the last migration", async () => {
      const migration = (): never => {
        throw new Error("nothing to migrate");
      };
      await (await kind.medium().open(fresh({ migrations: [migration] }))).close();
    });
  });

  describe("an older copy", () => {
    it("does not open once the store was opened, closed or rekeyed after it", async () => {
      const medium = kind.medium();
      const options = fresh();
      const copies: Medium[] = [];
      const first = await medium.open(options);
      for (let i = 0; i < 3; i++) {
        await first.commit([put("a/state", `${i}`)]);
        copies.push(await medium.copy());
      }
      await first.rekey();
      for (const copy of copies.splice(0)) expect(await codeOf(copy.open(options))).toBe("STORE_STALE");
      copies.push(await medium.copy());
      await first.close();
      expect(await codeOf(copies[0]!.open(options))).toBe("STORE_STALE");
      copies.push(await medium.copy());
      await (await medium.open(options)).close();
      for (const copy of copies) expect(await codeOf(copy.open(options))).toBe("STORE_STALE");
      const last = await medium.open(options);
      expect(await read(last, "a/state")).toBe("2");
      await last.close();
    });

    it("made since the store was opened says that the store was not closed", async () => {
      const medium = kind.medium();
      const options = fresh();
      await (await medium.open(options)).close();
      const store = await medium.open(options);
      await store.commit([put("a/state", "0")]);
      const copy = await medium.copy();
      await store.commit([put("a/state", "1")]);
      await medium.crash();
      const restored = await copy.open(options);
      expect(restored.found).toBe("crashed");
      expect(await read(restored, "a/state")).toBe("0");
      await restored.close();
    });

    it("of any earlier commit does not open, with freshness for each commit", async () => {
      const medium = kind.medium();
      const options = fresh({ freshness: "commit" });
      const store = await medium.open(options);
      const copies: Medium[] = [];
      for (let i = 0; i < 5; i++) {
        await store.commit([put("a/state", `${i}`)]);
        copies.push(await medium.copy());
      }
      await medium.crash();
      for (const copy of copies.slice(0, -1)) expect(await codeOf(copy.open(options))).toBe("STORE_STALE");
      const last = await medium.open({ ...options, freshness: "opening" });
      expect(await read(last, "a/state")).toBe("4");
      await last.close();
    });

    it("is what a store is whose value the host has lost, and no new one is made over it", async () => {
      const medium = kind.medium();
      const options = fresh();
      await (await medium.open(options)).close();
      expect(await codeOf(medium.open({ ...options, epoch: createMemoryEpoch() }))).toBe("STORE_STALE");
      expect(await codeOf(medium.open({ ...options, epoch: createMemoryEpoch(utf8("junk")) }))).toBe("STORE_STALE");
      expect(await codeOf(kind.medium().open(options))).toBe("STORE_STALE");
      await (await medium.open(options)).close();
    });
  });

  describe("rekeying", () => {
    it.each([
      ["another key", new Uint8Array(32).fill(1)],
      ["a passphrase", { passphrase: "secret", cost: cheap }],
    ] as const)("to %s: the old one does not open any more", async (_, key) => {
      const medium = kind.medium();
      const options = fresh();
      const store = await medium.open(options);
      await store.commit([put("a/b", "kept")]);
      await store.rekey(key);
      await store.commit([put("a/c", "after")]);
      await store.close();
      expect(await codeOf(medium.open(options))).toBe("STORE_KEY");
      const reopened = await medium.open({ ...options, key });
      expect(await everything(reopened)).toEqual({ "a/b": "kept", "a/c": "after" });
      await reopened.rekey(hostKey);
      await reopened.close();
      await (await medium.open(options)).close();
    });

    it("to what is no key changes nothing", async () => {
      const store = await kind.medium().open(fresh());
      expect(await codeOf(store.rekey(new Uint8Array(16)))).toBe("BAD_ARGUMENT");
      await store.commit([put("a/b", "")]);
      await store.close();
    });
  });
}
