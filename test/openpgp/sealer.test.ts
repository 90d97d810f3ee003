// Sealing: unsigned, padded, to both keys, and everything else refused (spec/05, "The OpenPGP message").

import fc from "fast-check";
import {
  type AnyPacket,
  CompressedDataPacket,
  createMessage,
  decrypt,
  type EncryptOptions,
  encrypt,
  enums,
  LiteralDataPacket,
  Message,
  PacketList,
  readKey,
  readMessage,
  readPrivateKey,
  UnparseablePacket,
} from "openpgp";
import { describe, expect, it } from "vitest";
import { concat, fromHex, utf8 } from "../../src/bytes.ts";
import { createSealer } from "../../src/openpgp/index.ts";
import { pad } from "../../src/openpgp/padding.ts";
import { EXPIRED, identity, keys, limits, NOW, publicKey, REVOKED, sealer, suite, value } from "./fixtures.ts";

const content = utf8("?OTR:AAQ=.");
type Name = keyof typeof keys;

async function sealed(from: Name, to: Name): Promise<Uint8Array> {
  return (await sealer(from)).seal(await publicKey(to), content);
}

/** A message of openpgp.js to bob, not made by a sealer. */
async function foreign(options: Partial<EncryptOptions> & { binary?: Uint8Array } = {}): Promise<Uint8Array> {
  const { binary = pad(content), ...rest } = options;
  return encrypt({
    message: await createMessage({ binary }),
    encryptionKeys: await readKey({ armoredKey: keys.bob.publicKey }),
    ...rest,
    format: "binary",
  });
}

async function codeOf(message: Uint8Array, name: Name = "bob"): Promise<string> {
  const opened = await (await sealer(name)).open(message);
  return opened.ok ? "opened" : opened.code;
}

describe("a sealed message", () => {
  it.each([
    ["alice", "bob"],
    ["alice", "carol"],
    ["carol", "dave"],
    ["erin", "alice"],
    ["dave", "erin"],
    ["locked", "bob"],
  ] as const)("from %s to %s is opened by both, and by nobody else", async (from, to) => {
    const message = await sealed(from, to);
    expect(value(await (await sealer(to)).open(message))).toEqual(content);
    expect(value(await (await sealer(from)).open(message))).toEqual(content);
    expect(await codeOf(message, "superseded")).toBe("NOT_FOR_US");
  });

  it.each([
    ["carol", "dave", 2],
    ["dave", "carol", 2],
    ["alice", "carol", 1],
    ["dave", "bob", 1],
  ] as const)("from %s to %s is of version %d, as every key allows", async (from, to, version) => {
    const { packets } = await readMessage({ binaryMessage: await sealed(from, to) });
    expect(packets.at(-1)).toMatchObject({ version });
    expect(packets.length).toBe(3);
  });

  it("names no key", async () => {
    for (const [from, to] of [
      ["alice", "bob"],
      ["carol", "dave"],
    ] as const) {
      const message = await readMessage({ binaryMessage: await sealed(from, to) });
      expect(message.getEncryptionKeyIDs().map((id) => id.toHex())).toEqual(["0000000000000000", "0000000000000000"]);
    }
  });

  it("holds one literal of a size class, without name, date, signature or compression", async () => {
    const message = await readMessage({ binaryMessage: await sealed("alice", "bob") });
    const inner = await message.decrypt([await readPrivateKey({ armoredKey: keys.bob.privateKey })]);
    const [literal, ...more] = inner.packets;
    expect(more).toEqual([]);
    expect(literal).toBeInstanceOf(LiteralDataPacket);
    expect(literal).toMatchObject({ filename: "", date: new Date(0), format: enums.literal.binary });
    expect((inner.getLiteralData() as Uint8Array).length).toBe(2048);
  });

  it("begins as a MIME entity that other applications show as an attachment", async () => {
    const { data } = await decrypt({
      message: await readMessage({ binaryMessage: await sealed("alice", "bob") }),
      decryptionKeys: await readPrivateKey({ armoredKey: keys.bob.privateKey }),
    });
    expect(data.split(/\r?\n\r?\n/)[0]).toMatch(
      /^Content-Type: application\/x\.sottovoce\r?\nContent-Transfer-Encoding: /,
    );
  });

  it("is another one each time", async () => {
    expect(await sealed("alice", "bob")).not.toEqual(await sealed("alice", "bob"));
  });

  it("is as long for short contents as for longer ones", async () => {
    const alice = await sealer("alice");
    const bob = await publicKey("bob");
    const lengths = await Promise.all(
      [1, 100, 1900].map(async (n) => (await alice.seal(bob, new Uint8Array(n))).length),
    );
    // The two MPIs of ECDH lose a byte now and then.
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(4);
  });

  it("is the same whatever the host has set for itself", async () => {
    const { config } = await import("openpgp");
    const before = { ...config };
    try {
      config.preferredCompressionAlgorithm = enums.compression.zlib;
      config.aeadProtect = true;
      config.showVersion = true;
      expect(await codeOf(await sealed("alice", "bob"))).toBe("opened");
    } finally {
      Object.assign(config, before);
    }
  });
});

describe("sealing", () => {
  it.each([
    ["expiring", EXPIRED],
    ["encryptionSubkeyExpiring", EXPIRED],
    ["superseded", REVOKED],
    ["revoked", NOW],
  ] as const)("to the key %s is refused when that may not be used", async (name, now) => {
    const alice = await sealer("alice", now);
    await expect(alice.seal(await publicKey(name), content)).rejects.toMatchObject({ code: "OPENPGP_KEY" });
  });

  it("is refused when one's own key may not be used: the other devices could not follow", async () => {
    const expired = await sealer("expiring", EXPIRED);
    await expect(expired.seal(await publicKey("bob"), content)).rejects.toMatchObject({ code: "OPENPGP_KEY" });
  });

  it("is refused beyond the limits", async () => {
    const small = { ...limits, openpgpPlainBytes: 4096 };
    const alice = createSealer({ suite, identity: await identity("alice"), limits: small, clock: () => NOW });
    await expect(alice.seal(await publicKey("bob"), new Uint8Array(5000))).rejects.toMatchObject({ code: "TOO_LARGE" });
  });

  it("fits what it says into what a carrier takes", async () => {
    for (const [from, to] of [
      ["alice", "bob"],
      ["carol", "dave"],
      ["erin", "alice"],
    ] as const) {
      const by = await sealer(from);
      const key = await publicKey(to);
      for (const max of [3000, 5000, 100_000]) {
        const room = await by.capacity(key, max);
        expect(room).toBeGreaterThan(max / 2 - 1000);
        expect((await by.seal(key, new Uint8Array(room))).length).toBeLessThanOrEqual(max);
      }
      expect(await by.capacity(key, 2100)).toBe(0);
    }
  });
});

describe("opening", () => {
  it("works with a key that has expired since", async () => {
    const message = await (await sealer("alice")).seal(await publicKey("expiring"), content);
    expect(value(await (await sealer("expiring", EXPIRED)).open(message))).toEqual(content);
  });

  it("refuses a signed message, whoever signed it", async () => {
    expect(await codeOf(await foreign())).toBe("opened");
    for (const name of ["alice", "bob", "carol"] as const) {
      const signingKeys = await readPrivateKey({ armoredKey: keys[name].privateKey });
      expect(await codeOf(await foreign({ signingKeys }))).toBe("BAD_SIGNATURE");
    }
  });

  it.each([
    ["small", 100],
    ["a bomb", 8_000_000],
  ] as const)("refuses compressed data, %s", async (_what, size) => {
    for (const algorithm of [enums.compression.zip, enums.compression.zlib]) {
      const message = await createMessage({ binary: pad(new Uint8Array(size)) });
      // Not in openpgp.js's types.
      const { packets } = (message as unknown as { compress(a: number): Message<Uint8Array> }).compress(algorithm);
      const compressed = await encryptToBob(packets);
      expect(compressed.length).toBeLessThan(100_000);
      expect(await otherwiseOpens(compressed)).toBeGreaterThan(size);
      expect(await codeOf(compressed)).toBe("NOT_FOR_US");
      await expect((await identity("bob")).decrypt(compressed, NOW)).rejects.toThrow(/size exceeded/);
    }
  });

  it("refuses a bomb of bzip2, which openpgp.js can only unpack", async () => {
    const packet = Object.assign(new CompressedDataPacket(), {
      algorithm: enums.compression.bzip2,
      compressed: fromHex(EIGHT_MILLION_ZEROS_BZIP2),
    });
    const packets = new PacketList<CompressedDataPacket>();
    packets.push(packet);
    const bomb = await encryptToBob(packets);
    expect(await otherwiseOpens(bomb)).toBe(8_000_000);
    expect(await codeOf(bomb)).toBe("NOT_FOR_US");
  });

  it("passes over what is not ours", async () => {
    expect(await codeOf(await foreign({ binary: utf8("Content-Type: text/plain\r\n\r\nhello") }))).toBe("NOT_FOR_US");
    expect(await codeOf(utf8("-----BEGIN PGP MESSAGE-----"))).toBe("NOT_FOR_US");
    expect(await codeOf(new Uint8Array(0))).toBe("NOT_FOR_US");
    expect(await codeOf((await publicKey("bob")).bytes)).toBe("NOT_FOR_US");
    const plain = (await createMessage({ binary: pad(content) })).write();
    expect(await codeOf(plain as Uint8Array)).toBe("NOT_FOR_US");
  });

  it("refuses content that was not padded to a class", async () => {
    const padded = pad(content);
    expect(await codeOf(await foreign({ binary: padded.subarray(0, 500) }))).toBe("MALFORMED");
    expect(await codeOf(await foreign({ binary: concat(padded, new Uint8Array(1)) }))).toBe("MALFORMED");
  });

  it("refuses what is encrypted to a password, or to too many keys", async () => {
    expect(await codeOf(await foreign({ passwords: "password" }))).toBe("NOT_FOR_US");
    const key = await readKey({ armoredKey: keys.bob.publicKey });
    expect(await codeOf(await foreign({ encryptionKeys: Array.from({ length: 16 }, () => key) }))).toBe("opened");
    expect(await codeOf(await foreign({ encryptionKeys: Array.from({ length: 17 }, () => key) }))).toBe("NOT_FOR_US");
  });

  it("refuses data after the message", async () => {
    const message = await sealed("alice", "bob");
    expect(await codeOf(concat(message, message))).toBe("NOT_FOR_US");
    expect(await codeOf(concat(message, Uint8Array.of(0)))).toBe("NOT_FOR_US");
  });

  it("refuses two literals", async () => {
    const [one] = (await createMessage({ binary: pad(content) })).packets;
    const [two] = (await createMessage({ binary: pad(content) })).packets;
    const both = new PacketList<LiteralDataPacket>();
    both.push(one as LiteralDataPacket, two as LiteralDataPacket);
    expect(await codeOf(await encryptToBob(both))).toBe("NOT_FOR_US");
  });

  it("refuses a packet that nobody knows beside the literal", async () => {
    const [literal] = (await createMessage({ binary: pad(content) })).packets;
    const unknown = Object.assign(Object.create(UnparseablePacket.prototype), { tag: 60, rawContent: utf8("x") });
    const packets = new PacketList<AnyPacket>();
    packets.push(unknown as UnparseablePacket, literal as LiteralDataPacket);
    const message = await encryptToBob(packets);
    expect(await otherwiseOpens(message)).toBe(2048);
    expect(await codeOf(message)).toBe("NOT_FOR_US");
  });

  it("refuses what is larger than the limits, inside and outside", async () => {
    const message = await sealed("alice", "bob");
    const bob = await identity("bob");
    const within = (change: Partial<typeof limits>) =>
      createSealer({ suite, identity: bob, limits: { ...limits, ...change }, clock: () => NOW }).open(message);
    expect(await within({ openpgpBytes: message.length })).toMatchObject({ ok: true });
    expect(await within({ openpgpBytes: message.length - 1 })).toMatchObject({ code: "TOO_LARGE" });
    expect(await within({ openpgpPlainBytes: 2048 })).toMatchObject({ ok: true });
    expect(await within({ openpgpPlainBytes: 2047 })).toMatchObject({ code: "TOO_LARGE" });
  });

  it("never throws, whatever is altered, and never opens it", async () => {
    for (const [from, to] of [
      ["alice", "bob"],
      ["carol", "dave"],
    ] as const) {
      const message = await sealed(from, to);
      const receiver = await sealer(to);
      const altered = fc
        .tuple(fc.nat(message.length - 1), fc.integer({ min: 1, max: 255 }))
        .map(([at, mask]) => message.map((byte, i) => (i === at ? byte ^ mask : byte)));
      const cut = fc.nat(message.length - 1).map((length) => message.slice(0, length));
      await fc.assert(
        fc.asyncProperty(fc.oneof(altered, cut, fc.uint8Array({ maxLength: 100 })), async (bytes) => {
          const opened = await receiver.open(bytes);
          // A flipped bit in the session key for the sender changes nothing for the receiver.
          if (opened.ok) expect(opened.value).toEqual(content);
          else expect(opened.why).toMatch(/\.$/);
        }),
        { numRuns: 150 },
      );
    }
  });

  it("asks a host that keeps the key, and believes what it says about signatures", async () => {
    const bob = await identity("bob");
    const host = (data: Uint8Array, signed: boolean) =>
      createSealer({
        suite,
        identity: { ...bob, decrypt: () => Promise.resolve({ data, signed }) },
        limits,
        clock: () => NOW,
      });
    const message = await sealed("alice", "bob");
    expect(await host(pad(content), false).open(message)).toEqual({ ok: true, value: content });
    expect(await host(pad(content), true).open(message)).toMatchObject({ code: "BAD_SIGNATURE" });
    expect(await host(utf8("hello"), true).open(message)).toMatchObject({ code: "NOT_FOR_US" });
    expect(await host(new Uint8Array(limits.openpgpPlainBytes + 1), false).open(message)).toMatchObject({
      code: "TOO_LARGE",
    });
  });
});

type Packets = ConstructorParameters<typeof Message>[0];

/** An encrypted container with these packets in it. */
async function encryptToBob(packets: Packets): Promise<Uint8Array> {
  const encrypted = await new Message(packets).encrypt([await readKey({ armoredKey: keys.bob.publicKey })]);
  return encrypted.write() as Uint8Array;
}

/** How many bytes openpgp.js by itself gets out of it. */
async function otherwiseOpens(binaryMessage: Uint8Array): Promise<number> {
  const message = await readMessage({ binaryMessage });
  const decryptionKeys = await readPrivateKey({ armoredKey: keys.bob.privateKey });
  return (await decrypt({ message, decryptionKeys, format: "binary" })).data.length;
}

/** A literal data packet of 8,000,000 zeros, compressed with Python's bz2. */
const EIGHT_MILLION_ZEROS_BZIP2 =
  "425a6839314159265359b4ac6f2300f51d61c4c100100010000010000200080008a000508326204d542613b45490fb322a48" +
  "7b08a921be73577145490f7e2ee48a70a1216958de46";
