// sottovoce inspect: every field, as text and as JSON, and nothing that could fool a terminal.
import { describe, expect, it } from "vitest";
import whole from "../../vectors/sessions/otr4j.json" with { type: "json" };
import fragmented from "../../vectors/sessions/otr4j-fragmented.json" with { type: "json" };
import { lines, sottovoce } from "./harness.ts";

const sent = (step: number): string => whole.steps[step]?.sent?.[0] ?? "";

describe("inspect --json", () => {
  it("shows every field of each kind of message", async () => {
    const input = [0, 1, 2, 3, 51].map((step) => `${sent(step)}\n`).join("");
    const { code, out, err } = await sottovoce(["inspect", "--json"], input);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [query, identity, authR, authI, data] = lines(out) as { kind: string; fields: Record<string, unknown> }[];
    expect(query).toEqual({ kind: "query", fields: { versions: "4", text: "hi" } });
    expect(identity).toMatchObject({
      kind: "identity",
      fields: {
        version: 4,
        type: 0x35,
        senderTag: whole.parties.bob.instanceTag,
        receiverTag: "00000000",
        clientProfile: {
          instanceTag: whole.parties.bob.instanceTag,
          publicKey: whole.parties.bob.longTermPublicKey,
          forgingKey: whole.parties.bob.forgingKey,
        },
      },
    });
    expect(authR).toMatchObject({ kind: "auth-r", fields: { ringSignature: { c1: expect.any(String) } } });
    expect(authI).toMatchObject({ kind: "auth-i", fields: { type: 0x37 } });
    expect(data).toMatchObject({ kind: "data", fields: { messageId: 0, revealedMacKeys: expect.any(Array) } });
  });

  it("puts fragments together, in any order, on lines or without", async () => {
    const pieces = fragmented.steps[1]!.sent;
    expect(pieces.length).toBeGreaterThan(3);
    for (const glue of ["\n", ""]) {
      const { out } = await sottovoce(["inspect", "--json"], [...pieces].reverse().join(glue));
      const kinds = lines(out).map((line) => line["kind"]);
      expect(kinds).toEqual([...pieces.map(() => "fragment"), "identity"]);
    }
  });

  it("says how many fragments there are of a message that is not whole", async () => {
    const { code, err } = await sottovoce(["inspect", "--json"], fragmented.steps[1]!.sent.slice(1).join("\n"));
    const total = fragmented.steps[1]!.sent.length;
    expect(code).toBe(0);
    expect(err).toContain(`${total - 1} of ${total} fragments`);
  });
});

describe("inspect", () => {
  it("says in words what is in a message", async () => {
    const { out } = await sottovoce(["inspect"], sent(1));
    expect(out).toContain("Identity message\n");
    expect(out).toContain("  type                  0x35\n");
    expect(out).toContain(`  sender tag            ${whole.parties.bob.instanceTag}\n`);
    expect(out).toContain("(2106-02-07T06:28:16.000Z)");
    expect(out.split("\n").every((line) => line.length <= 100)).toBe(true);
    expect(out).not.toContain("\u001b");
  });

  it("colours only where somebody watches, unless NO_COLOR says otherwise", async () => {
    const colour = "\u001b[";
    expect((await sottovoce(["inspect"], sent(1), { watched: true })).out).toContain(colour);
    expect((await sottovoce(["inspect"], sent(1), { watched: true, env: { NO_COLOR: "1" } })).out).not.toContain(
      colour,
    );
    expect((await sottovoce(["inspect"], sent(1), { watched: true, env: { TERM: "dumb" } })).out).not.toContain(colour);
    expect((await sottovoce(["inspect"], sent(1), { env: { FORCE_COLOR: "1" } })).out).toContain(colour);
  });

  it("lets nothing through that controls a terminal", async () => {
    const { out } = await sottovoce(["inspect"], "?OTR Error: \u001b[2J\u202egone\n");
    expect(out).toContain("\\u{1b}[2J\\u{202e}gone");
  });

  it("names what it cannot read, and goes on", async () => {
    const { code, out, err } = await sottovoce(["inspect", "--json"], `?OTR:AAQD.\n?OTR:!.\n${sent(3)}\n`);
    expect(code).toBe(1);
    expect(err).toMatch(/^sottovoce: message 1: .* \(MALFORMED\)\nsottovoce: message 2: .* \(MALFORMED\)\n$/);
    expect(lines(out)).toMatchObject([{ kind: "auth-i" }]);
  });

  it("wants something to read, and not too much of it", async () => {
    expect(await sottovoce(["inspect"], "\n\n")).toMatchObject({ code: 1, out: "" });
    const endless = Array.from({ length: 5 }, () => new Uint8Array(1 << 20).fill(0x41));
    expect(await sottovoce(["inspect"], endless)).toMatchObject({ code: 1, out: "" });
  });
});
