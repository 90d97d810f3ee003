// sottovoce forge: each tool from JSON to JSON, on conversations of sottovoce peer and of otr4j.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { suite } from "../../src/crypto/node.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { defaultLimits } from "../../src/limits.ts";
import { createIdentity, type LocalIdentity } from "../../src/profile/identity.ts";
import recorded from "../../vectors/sessions/otr4j.json" with { type: "json" };
import { lines, sottovoce, temporaryFolder } from "./harness.ts";

const NOW = 1_700_000_000;

type Json = Record<string, unknown>;

async function forge(tool: string, input: object): Promise<Json> {
  const { code, out, err } = await sottovoce(["forge", tool], JSON.stringify(input));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out);
}

async function refused(tool: string, input: object): Promise<string> {
  const { code, out, err } = await sottovoce(["forge", tool], JSON.stringify(input));
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^sottovoce: [^\n]+\n$/);
  return err;
}

function person(): LocalIdentity {
  return createIdentity(suite, systemRandom, { now: NOW, limits: defaultLimits, keepForgingSecret: true });
}

const alice = person();
const bob = person();
const setting = {
  initiator: toHex(alice.profile.encoded),
  responder: toHex(bob.profile.encoded),
  accounts: { initiator: "alice@example.org", responder: "bob@example.org" },
  now: NOW,
};
const script = {
  lines: [
    { from: "initiator", text: "at eight", tlvs: [{ type: 7, value: "0102" }] },
    { from: "responder", text: "good" },
    { from: "initiator", text: "bye" },
  ],
};

describe("forge", () => {
  it.each([
    ["nobody's", undefined],
    ["one side's long-term", toHex(bob.longTermKey)],
    ["the other side's forging", toHex(alice.forgingSecret!)],
  ])("transcript and verify: a conversation made with %s secret holds together", async (_whose, secret) => {
    const forged = await forge("transcript", { ...setting, ...script, secret });
    const { messages } = forged as { messages: string[] };
    const secrets = (forged["secrets"] as Record<string, object>)["initiator"];
    const verdict = await forge("verify", { ...setting, messages, secrets });
    expect((verdict["messages"] as Json[]).map((message) => message["text"])).toEqual([
      "at eight",
      "good",
      "bye",
      "",
      "",
    ]);
    expect(verdict).toMatchObject({ missing: 0, unmatchedKeys: 0, unverifiable: 0 });
    const unopened = await forge("verify", { ...setting, messages });
    expect((unopened["messages"] as Json[]).every((message) => message["text"] === undefined)).toBe(true);
    expect(await refused("verify", { ...setting, messages: messages.slice(1) })).toContain("UNEXPECTED");
  });

  it("modify: another word under a revealed key", async () => {
    const { messages, secrets } = (await forge("transcript", { ...setting, ...script })) as {
      messages: string[];
      secrets: { initiator: object };
    };
    const revealed = await Promise.all(messages.slice(3).map((message) => forge("parse", { message })));
    const macKeys = revealed.flatMap(({ fields }) => (fields as Json)["revealedMacKeys"]);
    const change = { message: messages[3], known: "eight", replacement: "seven", offset: 3, macKeys };
    const altered = await forge("modify", change);
    expect(macKeys).toContain(altered["macKey"]);
    const changed = messages.map((message, i) => (i === 3 ? altered["message"] : message));
    const verdict = await forge("verify", { ...setting, messages: changed, secrets: secrets.initiator });
    expect(verdict["messages"]).toMatchObject([
      { text: "at seven", underSecrets: true, underRevealedKey: true },
      {},
      {},
      {},
      {},
    ]);
    expect(await refused("modify", { ...change, replacement: "nine" })).toContain("equally long");
    expect(await refused("modify", { ...change, macKeys: ["00".repeat(64)] })).toContain("NO_KEY");
  });

  it("dake: a handshake with its keys, which read and show-mac-key can use", async () => {
    const forged = await forge("dake", setting);
    expect(forged).toMatchObject({
      messages: [expect.stringMatching(/^\?OTR:/), expect.anything(), expect.anything()],
      ssid: expect.stringMatching(/^[0-9a-f]{16}$/),
      secret: expect.stringMatching(/^[0-9a-f]{128}$/),
      ratchets: { initiator: { ratchet: 0, sendingChainKey: expect.stringMatching(/^[0-9a-f]{128}$/) } },
    });
    const { messages, secrets } = forged as { messages: string[]; secrets: { responder: object } };
    expect(await forge("verify", { ...setting, messages, secrets: secrets.responder })).toMatchObject({
      ssid: forged["ssid"],
      messages: [],
    });
    const chainKey = "11".repeat(64);
    const shown = await forge("show-mac-key", { chainKey, messageId: 3, from: 1 });
    expect(await forge("show-mac-key", { messageKey: shown["messageKey"] })).toEqual(shown);
  });

  it("remac and read: the message of otr4j with other fields, under its own MAC key", async () => {
    const message = recorded.steps[13]?.sent?.[0];
    const revealing = await Promise.all(
      recorded.steps
        .flatMap(({ sent = [] }) => sent.filter((text) => text.startsWith("?OTR:")).slice(0, 1))
        .map((text) => forge("parse", { message: text })),
    );
    const macKeys = revealing.flatMap(({ fields }) => ((fields as Json)["revealedMacKeys"] as string[]) ?? []);
    const { macKey } = await forge("modify", { message, known: "alice", replacement: "mallo", macKeys });
    const before = (await forge("parse", { message })) as { fields: Json };
    const same = await forge("remac", { message, macKey });
    expect(same["message"]).toBe(message);
    const fields = { flags: 1, messageId: 7, senderTag: "00000777", ciphertext: "aabb", revealedMacKeys: [] };
    const other = await forge("parse", await forge("remac", { message, macKey, fields }));
    expect(other).toEqual({
      kind: "data",
      fields: {
        ...before.fields,
        ...fields,
        ignoreUnreadable: true,
        authenticator: expect.not.stringMatching(before.fields["authenticator"] as string),
      },
    });
    for (const wrong of [{ flags: 256 }, { colour: 1 }, { senderTag: "ff" }, { messageId: -1 }]) {
      expect(await refused("remac", { message, macKey, fields: wrong })).toContain("fields.");
    }
    expect(await refused("read", { message, chainKey: "00".repeat(64) })).toContain("BAD_MAC");
  });

  it("takes profiles from the messages that brought them", async () => {
    const { messages } = (await forge("dake", setting)) as { messages: string[] };
    const [initiator, responder, authI] = messages;
    expect(await forge("dake", { ...setting, initiator, responder })).toMatchObject({ messages: expect.any(Array) });
    expect(await refused("dake", { ...setting, initiator: authI })).toContain('"initiator"');
    expect(await refused("dake", { ...setting, initiator: "00" })).toContain("MALFORMED");
  });

  it.each([
    ["parse", {}, '"message"'],
    ["parse", { message: "?OTR:AAQD." }, "MALFORMED"],
    ["dake", { ...setting, secret: "00".repeat(57) }, "secret"],
    ["dake", { ...setting, now: "now" }, '"now"'],
    ["dake", { ...setting, accounts: [] }, '"accounts"'],
    ["dake", { ...setting, accounts: { initiator: "a" } }, '"accounts.responder"'],
    ["dake", { ...setting, place: { initiator: "zz", responder: "" } }, '"place.initiator"'],
    ["dake", { ...setting, now: NOW + 1e8 }, "EXPIRED_PROFILE"],
    ["transcript", { ...setting, lines: {} }, '"lines"'],
    ["transcript", { ...setting, lines: [{ from: "eve", text: "" }] }, '"lines[0].from"'],
    ["transcript", { ...setting, lines: [{ from: "initiator", tlvs: 1 }] }, '"lines[0].tlvs"'],
    ["transcript", { ...setting, lines: [], closedBy: "eve" }, '"closedBy"'],
    ["verify", { ...setting, messages: [1] }, '"messages"'],
  ])("%s says what is wrong with %j", async (tool, input, says) => {
    expect(await refused(tool, input)).toContain(says);
  });

  it("wants one JSON object", async () => {
    expect(await sottovoce(["forge", "parse"], "[]")).toMatchObject({ code: 1, out: "" });
  });
});

describe("forge impersonate", () => {
  it("passes for somebody else towards the one whose forging secret it has", async () => {
    const file = join(temporaryFolder(), "who.json");
    const who = { as: setting.initiator, towards: setting.responder, secret: toHex(bob.forgingSecret!) };
    writeFileSync(file, JSON.stringify(who));
    const args = ["forge", "impersonate", "--with", file, "--account", "alice", "--peer", "bob", "--now", `${NOW}`];
    const { code, out } = await sottovoce(args, '{"do":"start"}\n');
    expect(code).toBe(0);
    const [identity] = lines(out);
    const parsed = await forge("parse", { message: identity?.["send"] });
    const { publicKey } = (parsed["fields"] as { clientProfile: Json }).clientProfile;
    expect(publicKey).toBe(toHex(alice.publicKey));

    writeFileSync(file, JSON.stringify({ ...who, secret: toHex(bob.longTermKey) }));
    expect(await sottovoce(args)).toMatchObject({ code: 1, out: "", err: expect.stringContaining("forging secret") });
    expect(await sottovoce(["forge", "impersonate", "--with", `${file}.none`])).toMatchObject({ code: 1, out: "" });
  });
});
