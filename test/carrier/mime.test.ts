// PGP/MIME mails: written, read, refused (spec/06, "Mail").
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, utf8 } from "../../src/bytes.ts";
import { formatMail, parseMail } from "../../src/carrier/index.ts";
import { defaultLimits as limits } from "../../src/limits.ts";

const outgoing = { from: "alice@example.org", to: "bob@example.org", date: 1_706_745_600, id: "0a1b-2c_3d" };
const bytes = Uint8Array.of(1, 2, 3);
const text = formatMail({ ...outgoing, bytes });

function parse(mail: string): ReturnType<typeof parseMail> {
  return parseMail(utf8(mail), limits);
}
function codeOf(mail: string): string {
  const parsed = parse(mail);
  return parsed.ok ? "accepted" : parsed.code;
}
/** The mail with something replaced, which must be there. */
function changed(from: string | RegExp, to: string): string {
  const mail = text.replace(from, to);
  expect(mail).not.toBe(text);
  return mail;
}

describe("a mail", () => {
  it("is this, and nothing more", () => {
    expect(text.split("\r\n")).toEqual([
      "From: <alice@example.org>",
      "To: <bob@example.org>",
      "Date: Thu, 01 Feb 2024 00:00:00 +0000",
      "Message-ID: <0a1b-2c_3d@example.org>",
      "Subject: ...",
      "MIME-Version: 1.0",
      'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
      ' boundary=".0a1b-2c_3d."',
      "",
      "--.0a1b-2c_3d.",
      "Content-Type: application/pgp-encrypted",
      "",
      "Version: 1",
      "",
      "--.0a1b-2c_3d.",
      "Content-Type: application/octet-stream",
      "",
      "-----BEGIN PGP MESSAGE-----",
      "",
      "AQID",
      "=Z2GT",
      "-----END PGP MESSAGE-----",
      "",
      "--.0a1b-2c_3d.--",
      "",
    ]);
  });

  it("comes back as it went, whatever is in it", () => {
    const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/);
    fc.assert(
      fc.property(id, fc.uint8Array({ minLength: 1, maxLength: 3000 }), fc.nat(4_000_000_000), (name, data, date) => {
        const mail = formatMail({ ...outgoing, id: name, date, bytes: data });
        const value = { from: outgoing.from, to: outgoing.to, messageId: `${name}@example.org`, bytes: data };
        expect(parse(mail)).toEqual({ ok: true, value });
        expect(mail.split("\r\n").every((line) => line.length <= 998)).toBe(true);
      }),
    );
  });

  it("cannot be made with headers smuggled in", () => {
    const bad = [
      "",
      "alice",
      "a@b>\r\nBcc: <c@d",
      "a b@c",
      "a@b c",
      "<a@b>",
      "a@b\n",
      `${"a".repeat(320)}@b`,
      "ä@b",
      '"a"@b',
    ];
    for (const address of bad) {
      for (const name of ["from", "to"]) {
        const mail = { ...outgoing, bytes, [name]: address };
        expect(() => formatMail(mail)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
      }
    }
    for (const id of ["", "a b", "a\r\n", "a@b", "../a", ".a", "a".repeat(129)]) {
      expect(() => formatMail({ ...outgoing, bytes, id })).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
  });
});

describe("reading", () => {
  it("takes what transport does: more headers, folding, other line ends, names, preamble and epilogue", () => {
    const added = `Return-Path: <x@y>\r\nReceived: from a\r\n\tby b; now\r\nDKIM-Signature: v=1;\r\n b=abc\r\n${text}`;
    for (const mail of [
      added,
      text.replaceAll("\r\n", "\n"),
      changed("<alice@example.org>", '"Alice, A." <alice@example.org>'),
      changed("<alice@example.org>", "alice@example.org"),
      changed("multipart/encrypted; protocol=", "Multipart/Encrypted;\r\n\tProtocol="),
      changed("\r\n\r\n--", "\r\n\r\nThis is an encrypted mail.\r\n--"),
      changed("c_3d.--", "c_3d.--\r\nepilogue"),
      changed("octet-stream", 'octet-stream; name="encrypted.asc"\r\nContent-Disposition: inline'),
      changed("octet-stream", "octet-stream\r\nContent-Transfer-Encoding: 7bit"),
      changed("\r\n\r\nVersion: 1", "\r\n\r\nVersion:1  "),
    ]) {
      expect(parse(mail)).toEqual({
        ok: true,
        value: { from: "alice@example.org", to: "bob@example.org", messageId: "0a1b-2c_3d@example.org", bytes },
      });
    }
  });

  it("takes a mail without Message-ID", () => {
    expect(parse(changed(/Message-ID.*\r\n/, ""))).toMatchObject({ ok: true, value: { messageId: "" } });
  });

  it.each([
    ["a plain mail", "NOT_FOR_US", () => "From: a@b\r\nContent-Type: text/plain\r\n\r\nhello"],
    ["a mail without types", "NOT_FOR_US", () => "From: a@b\r\n\r\nhello"],
    ["a signed mail", "NOT_FOR_US", () => changed("multipart/encrypted", "multipart/signed")],
    ["another protocol", "NOT_FOR_US", () => changed('protocol="application/pgp-encrypted"', 'protocol="x/y"')],
    ["no protocol", "NOT_FOR_US", () => changed('protocol="application/pgp-encrypted";', "")],
    ["parameters that are none", "NOT_FOR_US", () => changed("boundary=", "boundary ")],
    ["a parameter twice", "NOT_FOR_US", () => changed("boundary=", 'boundary="a"; boundary=')],
    ["nothing", "MALFORMED", () => ""],
    ["no headers", "MALFORMED", () => "hello\r\n\r\nthere"],
    ["headers without end", "MALFORMED", () => "From: a@b"],
    ["no boundary", "MALFORMED", () => changed(/;\r\n boundary=.*/, "")],
    ["an empty boundary", "MALFORMED", () => changed(/boundary=.*/, 'boundary=""')],
    ["a boundary that is too long", "MALFORMED", () => changed(/boundary=.*/, `boundary="${"a".repeat(71)}"`)],
    ["another boundary", "MALFORMED", () => changed(/boundary=.*/, 'boundary="other"')],
    ["no end", "MALFORMED", () => changed("c_3d.--", "c_3d.")],
    ["two content types", "MALFORMED", () => changed("MIME-Version", "Content-Type: text/plain\r\nMIME-Version")],
    ["two senders", "MALFORMED", () => changed("To:", "From: <carol@example.org>\r\nTo:")],
    ["one part", "MALFORMED", () => changed(/--\.0a1b-2c_3d\.\r\nContent-Type: application\/pgp[\s\S]*?(?=--\.)/, "")],
    ["three parts", "MALFORMED", () => changed("c_3d.--", "c_3d.\r\nA: b\r\n\r\nx\r\n--.0a1b-2c_3d.--")],
    ["a part without headers", "MALFORMED", () => changed("Content-Type: application/octet-stream", "x")],
    ["the parts exchanged", "MALFORMED", () => changed("application/octet-stream", "application/pgp-encrypted")],
    ["another version", "MALFORMED", () => changed("\r\n\r\nVersion: 1", "\r\n\r\nVersion: 2")],
    [
      "a transfer encoding",
      "MALFORMED",
      () => changed("octet-stream", "octet-stream\r\nContent-Transfer-Encoding: base64"),
    ],
    ["no armor", "MALFORMED", () => changed("-----BEGIN PGP MESSAGE-----", "")],
    [
      "text after the armor",
      "MALFORMED",
      () => changed("-----END PGP MESSAGE-----", "-----END PGP MESSAGE-----\r\nhi"),
    ],
    ["headers beyond measure", "TOO_LARGE", () => `X: ${"a".repeat(262_144)}\r\n${text}`],
    ["too many headers", "TOO_LARGE", () => `${"X: a\r\n".repeat(1000)}${text}`],
    [
      "too many parts",
      "TOO_LARGE",
      () => changed("c_3d.--", `c_3d.${"\r\nA: b\r\n\r\nx\r\n--.0a1b-2c_3d.".repeat(16)}--`),
    ],
  ])("refuses %s: %s", (_what, code, mail) => {
    expect(codeOf(mail())).toBe(code);
  });

  it("refuses what is larger than the limits, the mail and the message in it", () => {
    const within = (openpgpBytes: number) => parseMail(utf8(text), { ...limits, openpgpBytes });
    expect(within(Math.ceil(text.length / 2))).toMatchObject({ ok: true });
    expect(within(Math.ceil(text.length / 2) - 1)).toMatchObject({ code: "TOO_LARGE" });
    const large = utf8(formatMail({ ...outgoing, bytes: new Uint8Array(5001) }));
    expect(parseMail(large, { ...limits, openpgpBytes: 5000 })).toMatchObject({ code: "TOO_LARGE" });
  });

  it("never throws and never takes long, whatever is altered", () => {
    const altered = fc
      .array(fc.tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 })), { maxLength: 5 })
      .map((all) => {
        let mail = text;
        for (const [at, put] of all) mail = mail.slice(0, at) + put + mail.slice(at + 1);
        return utf8(mail);
      });
    fc.assert(
      fc.property(fc.oneof(altered, fc.uint8Array({ maxLength: 500 })), (mail) => {
        const parsed = parseMail(mail, limits);
        if (!parsed.ok) expect(["MALFORMED", "NOT_FOR_US", "TOO_LARGE"]).toContain(parsed.code);
      }),
      { numRuns: 1000 },
    );
    for (const evil of ["\r\n ", " ", ";", '="', "a\r\n", "--.0a1b-2c_3d.\r\n", "\t", "\\"]) {
      const mail = utf8(`From: a@b\r\nContent-Type: multipart/encrypted; ${evil.repeat(100_000)}\r\n\r\n${text}`);
      const started = performance.now();
      parseMail(mail, limits);
      parseMail(concat(utf8(text.slice(0, 400)), utf8(evil.repeat(1_000_000))), limits);
      expect(performance.now() - started).toBeLessThan(5000);
    }
  });
});
