// Parse: every field of every kind of text, and nothing thrown whatever comes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/bytes.ts";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import { type Fields, parse } from "../../src/forge/parse.ts";
import { fragmentMessage } from "../../src/wire/fragment.ts";
import { code, value } from "../wire/results.ts";
import { honestTranscript, people } from "./conversations.ts";

const cast = people(suite);
const { messages } = honestTranscript(suite, cast, {
  lines: [
    { from: "initiator", text: "one" },
    { from: "responder", text: "two" },
  ],
});
const [identity, authR, authI, data] = messages.map((text) => value(parse(suite, text)));
const last = value(parse(suite, messages.at(-1) as string));

const HEADER = ["version", "type", "senderTag", "receiverTag"];
const FIRST = ["firstEcdhKey", "firstDhKey"];

describe("parse", () => {
  it("gives the fields of each message in the order in which they travel", () => {
    expect([identity?.kind, authR?.kind, authI?.kind, data?.kind]).toEqual(["identity", "auth-r", "auth-i", "data"]);
    expect(Object.keys(identity?.fields ?? {})).toEqual([...HEADER, "clientProfile", "ecdhKey", "dhKey", ...FIRST]);
    expect(Object.keys(authR?.fields ?? {})).toEqual([
      ...HEADER,
      "clientProfile",
      "ecdhKey",
      "dhKey",
      "ringSignature",
      ...FIRST,
    ]);
    expect(Object.keys(authI?.fields ?? {})).toEqual([...HEADER, "ringSignature"]);
    expect(Object.keys(data?.fields ?? {})).toEqual([
      ...HEADER,
      "flags",
      "ignoreUnreadable",
      "previousCount",
      "ratchetId",
      "messageId",
      "ecdhKey",
      "dhKey",
      "ciphertext",
      "authenticator",
      "revealedMacKeys",
    ]);
  });

  it("leaves out no byte: field by field, the message is there again", () => {
    const bytes = (text: string): string => toHex(new Uint8Array(Buffer.from(text.slice(5, -1), "base64")));
    const sigma = Object.values(authI?.fields["ringSignature"] as Fields).join("");
    const tags = [cast.initiator, cast.responder]
      .map(({ instanceTag }) => instanceTag.toString(16).padStart(8, "0"))
      .join("");
    expect(bytes(messages[2] as string)).toBe(`000437${tags}${sigma}`);
    const fields = data?.fields ?? {};
    const dataField = (hex: string): string => (hex.length / 2).toString(16).padStart(8, "0") + hex;
    const u32 = (name: string): string => (fields[name] as number).toString(16).padStart(8, "0");
    expect(bytes(messages[3] as string)).toBe(
      `000403${tags}00${u32("previousCount")}${u32("ratchetId")}${u32("messageId")}${fields["ecdhKey"]}` +
        `${dataField(fields["dhKey"] as string)}${dataField(fields["ciphertext"] as string)}` +
        `${fields["authenticator"]}${dataField((fields["revealedMacKeys"] as string[]).join(""))}`,
    );
  });

  it("shows the profile with its fingerprint, and revealed keys one by one", () => {
    const profile = identity?.fields["clientProfile"] as Fields;
    expect(profile["publicKey"]).toBe(toHex(cast.initiator.publicKey));
    expect(profile["expires"]).toBe(cast.initiator.profile.expires.toString());
    expect(fromHex(profile["fingerprint"] as string)).toHaveLength(56);
    expect(last.fields["ignoreUnreadable"]).toBe(true);
    const revealed = last.fields["revealedMacKeys"] as string[];
    expect(revealed.map((key) => key.length)).toEqual(revealed.map(() => 128));
    expect(revealed.length).toBeGreaterThan(0);
  });

  it("tells fragments, queries, errors, tags and plain text apart", () => {
    const [piece] = fragmentMessage(messages[0] as string, 300, 0xabc, 0x101, 0);
    expect(value(parse(suite, piece as string))).toMatchObject({
      kind: "fragment",
      fields: { identifier: "00000abc", senderTag: "00000101", receiverTag: "00000000", index: 1 },
    });
    expect(value(parse(suite, "?OTRv4? hi"))).toEqual({ kind: "query", fields: { versions: "4", text: "hi" } });
    expect(value(parse(suite, "?OTR Error: ERROR_2: x"))).toEqual({ kind: "error", fields: { code: 2, text: "x" } });
    expect(value(parse(suite, "?OTR Error: what"))).toMatchObject({ fields: { code: "none" } });
    expect(value(parse(suite, "hello"))).toEqual({ kind: "plain", fields: { text: "hello" } });
  });

  it("goes through JSON unchanged", () => {
    for (const text of messages) {
      const parsed = value(parse(suite, text));
      expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
    }
  });

  it("gives the decoders' rejections", () => {
    expect(code(parse(suite, "?OTR:AAQD."))).toBe("MALFORMED");
    expect(code(parse(suite, "?OTR:AAM1."))).toBe("UNSUPPORTED_VERSION");
    expect(code(parse(suite, `${(messages[0] as string).slice(0, 200)}.`))).toBe("MALFORMED");
  });

  it("throws at nothing", () => {
    const cut = fc
      .tuple(fc.constantFrom(...messages), fc.nat(), fc.string())
      .map(([text, at, put]) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + put.length));
    fc.assert(fc.property(fc.oneof(fc.string(), cut), (text) => parse(suite, text).ok !== undefined));
  });
});
