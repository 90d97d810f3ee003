// ASCII armor: back and forth, and what is no armor (spec/06, "Armor").

import fc from "fast-check";
import { createMessage, encrypt, readKey, readMessage, unarmor } from "openpgp";
import { describe, expect, it } from "vitest";
import { armorMessage, dearmorMessage } from "../../src/carrier/index.ts";
import { keys, publicKey, sealer } from "../openpgp/fixtures.ts";
import { isInstalled, needing, run } from "../openpgp/programs.ts";

const bytes = fc.uint8Array({ minLength: 1, maxLength: 500 });

function lines(...body: string[]): string {
  return ["-----BEGIN PGP MESSAGE-----", ...body, "-----END PGP MESSAGE-----"].join("\n");
}

/** Without line breaks: openpgp.js makes shorter lines. */
function joined(text: string): string {
  return text.replaceAll(/[\r\n]/g, "");
}

const pairs = [
  ["alice", "bob", 1],
  ["erin", "carol", 1],
  ["carol", "dave", 2],
] as const;

describe("armor", () => {
  it("comes off again, also with LF and spaces at the ends of lines", () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const armored = armorMessage(data);
        expect(dearmorMessage(armored)).toEqual({ ok: true, value: data });
        expect(dearmorMessage(armored.replaceAll("\r\n", "\n"))).toEqual({ ok: true, value: data });
        expect(dearmorMessage(armored.replaceAll("\r\n", " \r\n"))).toEqual({ ok: true, value: data });
      }),
    );
  });

  it("is what openpgp.js reads and writes", async () => {
    for (const [from, to] of pairs) {
      const armored = armorMessage(await (await sealer(from)).seal(await publicKey(to), new Uint8Array(9000)));
      expect((await readMessage({ armoredMessage: armored })).packets).toHaveLength(3);
      const encryptionKeys = await readKey({ armoredKey: keys[to].publicKey });
      const theirs = await encrypt({ message: await createMessage({ text: "hi" }), encryptionKeys });
      const bytes = dearmorMessage(theirs);
      expect(bytes.ok && joined(armorMessage(bytes.value))).toBe(joined(theirs));
    }
  });

  it("has a checksum, but not after encrypted data of version 2", async () => {
    for (const [from, to, version] of pairs) {
      const message = await (await sealer(from)).seal(await publicKey(to), new Uint8Array(9000));
      expect(/^=....\r$/m.test(armorMessage(message))).toBe(version === 1);
    }
  });

  it.skipIf(!isInstalled("gpg"))(needing("gpg", "is what GnuPG reads, whatever its length"), () => {
    for (const length of [99, 100, 101, 143, 144, 145]) {
      const data = new Uint8Array(length).fill(0x55);
      const { stdout, stderr } = run("gpg", ["--batch", "--dearmor"], `${armorMessage(data)}\r\n--boundary--\r\n`);
      expect(new Uint8Array(stdout), stderr.toString()).toEqual(data);
    }
  });

  it("has lines of 64 characters and no headers", () => {
    const [first, second, third, ...rest] = armorMessage(new Uint8Array(200)).split("\r\n");
    expect([first, second, third?.length]).toEqual(["-----BEGIN PGP MESSAGE-----", "", 64]);
    expect(rest.slice(-2)).toEqual(["-----END PGP MESSAGE-----", ""]);
  });

  it("may bring headers and any checksum", async () => {
    const armored = lines("Version: x", "Comment: y: z", "", "aGk=", "=AAAA");
    expect(dearmorMessage(armored)).toEqual({ ok: true, value: Uint8Array.of(0x68, 0x69) });
    await expect(unarmor(armored)).resolves.toBeDefined();
  });

  it.each([
    ["nothing", ""],
    ["words", "hello"],
    ["another kind", "-----BEGIN PGP SIGNATURE-----\n\naGk=\n-----END PGP SIGNATURE-----"],
    ["no empty line", lines("aGk=")],
    ["no end", "-----BEGIN PGP MESSAGE-----\n\naGk="],
    ["no content", lines("", "")],
    ["only a checksum", lines("", "=AAAA")],
    ["something that is no header", lines("hello", "", "aGk=")],
    ["too many headers", lines(...Array.from({ length: 17 }, () => "Comment: x"), "", "aGk=")],
    ["foreign characters", lines("", "aGk$")],
    ["no padding", lines("", "aGk")],
    ["bits under the padding", lines("", "aGl=")],
    ["an empty line within", lines("", "aGhp", "", "aGk=", "hello there")],
    ["two messages", `${lines("", "aGk=")}\n${lines("", "aGk=")}`],
    ["text before", `hello\n${lines("", "aGk=")}`],
    ["text after", `${lines("", "aGk=")}\nhello`],
  ])("is refused: %s", (_what, text) => {
    expect(dearmorMessage(text)).toMatchObject({ ok: false, code: "MALFORMED" });
  });

  it("never throws", () => {
    const piece = fc.constantFrom(
      "-----BEGIN PGP MESSAGE-----",
      "-----END PGP MESSAGE-----",
      "",
      "aGk=",
      "=AAAA",
      "A: b",
    );
    const texts = fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }).map((all) => all.join("\n"));
    fc.assert(
      fc.property(texts, (text) => {
        expect(typeof dearmorMessage(text).ok).toBe("boolean");
      }),
    );
  });
});
