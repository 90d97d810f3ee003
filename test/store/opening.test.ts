// What opening a large store reads and keeps: the header, the keys of drawers, and no record (spec/13, "Interface").
import { describe, expect, it } from "vitest";
import { defaultCost, MemoryDisk, openMemoryStore } from "../../src/store/memory.ts";
import { openSealedStore } from "../../src/store/open.ts";
import { rowKind } from "../../src/store/paths.ts";
import type { Rows } from "../../src/store/rows.ts";
import type { Op } from "../../src/store/store.ts";
import { cheap, fresh, put, read } from "./keys.ts";
import { costs } from "./kinds.ts";

describe("a store of ten thousand chats", () => {
  it("is opened without reading one of them, and used without reading another", async () => {
    const disk = new MemoryDisk();
    const options = fresh();
    const chats = Array.from({ length: 10_000 }, (_, i) => `chat-${i}`);
    const first = await openSealedStore(await disk.open(), options);
    for (let i = 0; i < chats.length; i += 1000) {
      await first.commit(chats.slice(i, i + 1000).map((chat): Op => put(`${chat}/endpoint`, chat)));
    }
    await first.close();

    const rows = await disk.open();
    const given: number[] = [];
    const watched: Rows = {
      ...rows,
      get: async (name) => {
        given.push(name[0]!);
        return await rows.get(name);
      },
      list: async (prefix, after, limit) => {
        const page = await rows.list(prefix, after, limit);
        given.push(...page.map(({ name }) => name[0]!));
        return page;
      },
    };
    const store = await openSealedStore(watched, options);
    expect(given.filter((kind) => kind === rowKind.drawer)).toHaveLength(chats.length);
    expect(given.filter((kind) => kind === rowKind.record)).toEqual([]);
    expect(await store.drawers()).toHaveLength(chats.length);
    expect(await read(store, "chat-7777/endpoint")).toBe("chat-7777");
    expect(given.filter((kind) => kind === rowKind.record)).toHaveLength(1);
    await store.close();
  });
});

describe("a passphrase", () => {
  it("costs what is meant to be safe, when nothing else is asked", async () => {
    const disk = new MemoryDisk();
    const options = { ...fresh({ key: { passphrase: "secret" } }), disk };
    await (await openMemoryStore(options)).close();
    const cheaper = await openMemoryStore({ ...options, key: { passphrase: "secret", cost: cheap } });
    await cheaper.close();
    expect(await costs({ rows: () => disk.open() })).toEqual([defaultCost]);
  });
});
