// Stores written by version 0.1.0: they open, and they are what the specification says, read here by its words alone
// (spec/13, "Rows", "Header", "Drawers and records" and "Epoch").
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { concat, fromHex, fromUtf8, toHex, utf8 } from "../../src/bytes.ts";
import { createMemoryEpoch, MemoryDisk, openMemoryStore } from "../../src/store/memory.ts";
import vectors from "../../vectors/store.json" with { type: "json" };
import { everything } from "./keys.ts";

type Stored = (typeof vectors.stores)[number];

const hex = (text: string): Uint8Array => fromHex(text)!;
const kindOf = (stored: Stored): string => ("key" in stored ? "a key of the host" : "a passphrase");

describe.each(vectors.stores.map((stored) => [kindOf(stored), stored] as const))("a store under %s", (_, stored) => {
  it("opens, and holds what it did", async () => {
    const disk = new MemoryDisk();
    const rows = await disk.open();
    await rows.write(stored.rows.map(({ name, value }) => ({ kind: "put", name: hex(name), value: hex(value) })));
    await rows.close();
    const { passphrase, cost } = stored as {
      passphrase: string;
      cost: { memory: number; passes: number; lanes: number };
    };
    const store = await openMemoryStore({
      disk,
      key: stored.key === undefined ? { passphrase, cost } : hex(stored.key),
      epoch: createMemoryEpoch(hex(stored.epoch)),
      migrations: Array(stored.migrations).fill(() => Promise.reject(new Error("done before"))),
    });
    expect(store.found).toBe("closed");
    expect(await everything(store)).toEqual(Object.fromEntries(stored.content));
    await store.close();
  });

  it("is laid out as specified", () => {
    const rows = new Map(stored.rows.map(({ name, value }) => [name, hex(value)]));
    const header = rows.get("00")!;
    expect(rows.get("03")).toEqual(header);
    expect(toHex(header.subarray(0, 5))).toBe("5356535401");
    expect(header.subarray(-16)).toEqual(sha256(header.subarray(0, -16)).subarray(0, 16));
    const storeId = header.subarray(5, 21);
    expect(header[21]).toBe(1);
    const derivation = header.subarray(22, header[22] === 0 ? 23 : 45);
    expect(header.length).toBe(22 + derivation.length + 144 + 53 + 16);
    const slot = header.subarray(22 + derivation.length, -69);

    const open = (key: Uint8Array, purpose: string, place: Uint8Array, sealed: Uint8Array): Uint8Array => {
      const associated = concat(utf8(`sottovoce store 1 ${purpose}\0`), storeId, place);
      return xchacha20poly1305(key, sealed.subarray(0, 24), associated).decrypt(sealed.subarray(24));
    };
    const none = new Uint8Array(0);
    const epoch = hex(stored.epoch);
    expect([...epoch.subarray(0, 2)]).toEqual([1, 0]);
    const inner = open(wrappingKey(stored, derivation), "slot", derivation, slot);
    const roots = open(epoch.subarray(2, 34), "slot", derivation, inner);
    const [root, naming] = [roots.subarray(0, 32), roots.subarray(32)];
    const commits = `000000000000000${stored.commits}`;
    expect(toHex(epoch.subarray(34))).toBe(commits);
    const status = toHex(open(root, "status", none, header.subarray(-69, -16)));
    expect(status).toBe(`0000000${stored.migrations}00${commits}`);

    const hash = (key: Uint8Array, what: number, name: string, size: number): string =>
      toHex(hmac(sha256, key, concat(Uint8Array.of(what), utf8(name))).subarray(0, size));
    const unpad = (padded: Uint8Array): Uint8Array => {
      const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
      expect(padded.subarray(4 + length).every((byte) => byte === 0)).toBe(true);
      return padded.subarray(4, 4 + length);
    };
    for (const [key, value] of stored.content as [string, string][]) {
      const [drawer, ...path] = key.split("/") as [string, ...string[]];
      const drawerRow = `01${hash(naming, 0, drawer, 16)}`;
      const keys = unpad(open(root, "drawer", hex(drawerRow), rows.get(drawerRow)!));
      expect(fromUtf8(keys.subarray(64))).toBe(drawer);
      const names = keys.subarray(32, 64);
      const folder = path.length > 1 ? hash(names, 1, `${path[0]}/`, 8) : "";
      const row = `02${drawerRow.slice(2)}${folder}${hash(names, 2, path.join("/"), 16)}`;
      const content = unpad(open(keys.subarray(0, 32), "record", hex(row), rows.get(row)!));
      const name = utf8(path.join("/"));
      expect(content).toEqual(concat(Uint8Array.of(0, name.length), name, utf8(value)));
    }
    const drawers = new Set(stored.content.map(([key]) => key?.split("/")[0]));
    expect(rows.size, "two headers, drawers, records").toBe(2 + drawers.size + stored.content.length);
  });
});

function wrappingKey(stored: Stored, derivation: Uint8Array): Uint8Array {
  if (stored.key !== undefined) {
    expect([...derivation]).toEqual([0]);
    return hex(stored.key);
  }
  const view = new DataView(derivation.buffer, derivation.byteOffset);
  const cost = { memory: view.getUint32(17), passes: view.getUint8(21), lanes: view.getUint8(22) };
  expect([derivation[0], cost]).toEqual([1, stored.cost]);
  const { memory, passes, lanes } = cost;
  return argon2id(stored.passphrase as string, derivation.slice(1, 17), { m: memory, t: passes, p: lanes, dkLen: 32 });
}
