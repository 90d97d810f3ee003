// sottovoce peer: each command, each line of output, and that nothing in the input ends it.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, utf8 } from "../../src/bytes.ts";
import { parseCommand } from "../../src/cli/peer-command.ts";
import { createPeerEndpoint, type PeerEndpoint, type PeerOutput } from "../../src/cli/peer-endpoint.ts";
import { freshRandom, recordedRandom } from "../../src/cli/recorded-random.ts";
import { suite } from "../../src/crypto/node.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { defaultLimits } from "../../src/limits.ts";
import { createIdentity } from "../../src/profile/identity.ts";
import { lines, shipped, sottovoce, temporaryFolder } from "./harness.ts";

const NOW = 1_700_000_000;
const DAY = 86_400;

interface Talker {
  readonly endpoint: PeerEndpoint;
  /** Runs a command; what is to be sent goes to `sent`. */
  readonly take: (command: object) => readonly PeerOutput[];
  readonly sent: string[];
  /** Everything else that it said. */
  readonly said: PeerOutput[];
}

function talker(tag: number, ours: string, theirs: string, random = freshRandom(systemRandom)): Talker {
  const identity = createIdentity(suite, systemRandom, { now: NOW, limits: defaultLimits, instanceTag: tag });
  const endpoint = createPeerEndpoint({
    suite,
    limits: defaultLimits,
    source: random,
    clock: () => NOW,
    identity: { identity, profileGiven: false },
    context: { ours: utf8(ours), theirs: utf8(theirs), shared: [] },
    maxMessageChars: 0,
  });
  const sent: string[] = [];
  const said: PeerOutput[] = [];
  const take = (command: object): readonly PeerOutput[] => {
    const output = endpoint.take(parseCommand(JSON.stringify(command)));
    for (const line of output) if ("send" in line) sent.push(line.send);
    const rest = output.filter((line) => !("send" in line));
    said.push(...rest);
    return rest;
  };
  return { endpoint, take, sent, said };
}

/** Gives each side what the other sends until neither sends anything; returns what both said. */
function exchange(a: Talker, b: Talker): readonly PeerOutput[] {
  const said: PeerOutput[] = [];
  while (a.sent.length + b.sent.length > 0) {
    for (const message of a.sent.splice(0)) said.push(...b.take({ do: "receive", message }));
    for (const message of b.sent.splice(0)) said.push(...a.take({ do: "receive", message }));
  }
  return said;
}

function pair(): [Talker, Talker] {
  const alice = talker(0x101, "alice@example.org", "bob@example.org");
  const bob = talker(0x202, "bob@example.org", "alice@example.org");
  return [alice, bob];
}

function connected(): [Talker, Talker] {
  const [alice, bob] = pair();
  alice.take({ do: "start" });
  exchange(alice, bob);
  return [alice, bob];
}

const state = (talker: Talker): unknown => talker.take({ do: "state" })[0];

describe("a conversation", () => {
  it("is announced with the same SSID and each other's fingerprints", () => {
    const [alice, bob] = pair();
    expect(alice.take({ do: "start" })).toEqual([
      { event: "state", state: "start", handshake: "waiting-auth-r", peerTag: "00000000" },
    ]);
    const [identity] = alice.sent.splice(0);
    expect(bob.take({ do: "receive", message: identity })).toEqual([
      { event: "state", state: "start", handshake: "waiting-auth-i", peerTag: "00000101" },
    ]);
    const [authR] = bob.sent.splice(0);
    const asAlice = alice.take({ do: "receive", message: authR });
    const [authI] = alice.sent.splice(0);
    const asBob = bob.take({ do: "receive", message: authI });
    expect(asAlice[0]).toEqual({ event: "state", state: "encrypted", handshake: "none", peerTag: "00000202" });
    expect(asBob[0]).toEqual({ event: "state", state: "encrypted", handshake: "none", peerTag: "00000101" });
    const [a, b] = [asAlice[1], asBob[1]] as { ssid: string; ourFingerprint: string; peerFingerprint: string }[];
    expect(a).toEqual({
      event: "secure",
      ssid: expect.stringMatching(/^[0-9a-f]{16}$/),
      ourFingerprint: expect.stringMatching(/^[0-9a-f]{112}$/),
      peerFingerprint: b!.ourFingerprint,
    });
    expect(b).toMatchObject({ event: "secure", ssid: a!.ssid, peerFingerprint: a!.ourFingerprint });
  });

  it("begins with a query message too", () => {
    const [alice, bob] = pair();
    expect(alice.take({ do: "query", text: "hi" })).toEqual([]);
    expect(alice.sent).toEqual(["?OTRv4? hi"]);
    const said = exchange(alice, bob);
    expect(said.filter((line) => "event" in line && line.event === "secure").length).toBe(2);
    expect(said.filter((line) => "event" in line && line.event === "error")).toEqual([]);
  });

  it("carries texts and TLVs, and nothing that was not asked for", () => {
    const [alice, bob] = connected();
    alice.take({ do: "send", text: "π", tlvs: [{ type: 7, value: "00000001aa" }, { type: 0xf00d }] });
    expect(exchange(alice, bob)).toEqual([
      {
        event: "message",
        text: "π",
        tlvs: [
          { type: 7, value: "00000001aa" },
          { type: 0xf00d, value: "" },
        ],
      },
    ]);
    bob.take({ do: "heartbeat" });
    expect(bob.sent.length).toBe(1);
    expect(exchange(alice, bob).filter((line) => !("event" in line && line.event === "mac-keys-revealed"))).toEqual([]);
  });

  it("is finished for the one whose peer closes, and both reveal MAC keys", () => {
    const [alice, bob] = connected();
    alice.take({ do: "send", text: "one" });
    exchange(alice, bob);
    bob.take({ do: "send", text: "two" });
    exchange(alice, bob);
    const closing = alice.take({ do: "close" });
    expect(closing[0]).toEqual({ event: "state", state: "start", handshake: "none", peerTag: "00000000" });
    const [, revealed] = closing as { event: string; keys: string[]; by: string }[];
    expect(revealed).toMatchObject({ event: "mac-keys-revealed", by: "us" });
    expect(revealed!.keys[0]).toMatch(/^[0-9a-f]{128}$/);
    const farewell = alice.sent.splice(0);
    const atBob = farewell.flatMap((message) => bob.take({ do: "receive", message }));
    expect(atBob[0]).toEqual({ event: "state", state: "finished", handshake: "none", peerTag: "00000101" });
    expect(atBob.slice(1)).toEqual([
      { event: "mac-keys-revealed", keys: revealed!.keys, by: "peer" },
      { event: "mac-keys-revealed", keys: [expect.any(String)], by: "us" },
    ]);
    expect(bob.take({ do: "send", text: "too late" })).toMatchObject([{ event: "error", code: "BAD_STATE" }]);
    expect(state(bob)).toMatchObject({ state: "finished" });
    expect(bob.take({ do: "close" })).toEqual([
      { event: "state", state: "start", handshake: "none", peerTag: "00000000" },
    ]);
  });

  it("is finished for the one whose time is up, and can begin anew", () => {
    const [alice, bob] = connected();
    expect(alice.take({ do: "expire" })[0]).toMatchObject({ state: "finished", peerTag: "00000202" });
    exchange(alice, bob);
    expect(state(bob)).toMatchObject({ state: "finished" });
    bob.take({ do: "start" });
    expect(state(bob)).toMatchObject({ state: "finished", handshake: "waiting-auth-r" });
    exchange(alice, bob);
    expect([state(alice), state(bob)]).toMatchObject([
      { state: "encrypted", handshake: "none" },
      { state: "encrypted", handshake: "none" },
    ]);
  });

  it("expires when the clock says so, and a profile of ours is renewed by then", () => {
    const [alice, bob] = connected();
    const later = { do: "clock", now: NOW + 15 * DAY };
    expect(alice.take(later)[0]).toMatchObject({ event: "state", state: "finished" });
    expect(alice.sent.length).toBe(1);
    bob.take(later);
    alice.sent.splice(0);
    bob.sent.splice(0);
    alice.take({ do: "start" });
    exchange(alice, bob);
    expect(state(bob)).toMatchObject({ state: "encrypted" });
  });

  it("is one when both start at once", () => {
    const [alice, bob] = pair();
    alice.take({ do: "start" });
    bob.take({ do: "start" });
    exchange(alice, bob);
    expect([state(alice), state(bob)]).toMatchObject([
      { state: "encrypted", handshake: "none", peerTag: "00000202" },
      { state: "encrypted", handshake: "none", peerTag: "00000101" },
    ]);
    alice.take({ do: "send", text: "one of two" });
    exchange(alice, bob);
    bob.take({ do: "send", text: "two of two" });
    exchange(alice, bob);
    expect(bob.said).toContainEqual({ event: "message", text: "one of two", tlvs: [] });
    expect(alice.said).toContainEqual({ event: "message", text: "two of two", tlvs: [] });
    const ssid = ({ said }: Talker): unknown =>
      said.flatMap((line) => ("event" in line && line.event === "secure" ? [line.ssid] : [])).at(-1);
    expect(ssid(alice)).toBe(ssid(bob));
  });

  it("does not come about between people who name each other differently", () => {
    const alice = talker(0x101, "alice@example.org", "bob@example.org");
    const bob = talker(0x202, "bob@example.org", "mallory@example.org");
    alice.take({ do: "start" });
    expect(exchange(alice, bob)).toMatchObject([
      { handshake: "waiting-auth-i" },
      { event: "error", code: "BAD_SIGNATURE" },
    ]);
  });
});

describe("what the peer gets wrong", () => {
  it("is an error, and changes nothing", () => {
    const [alice, bob] = connected();
    const before = state(bob);
    expect(bob.take({ do: "receive", message: "?OTR:AAQD." })).toMatchObject([{ event: "error", code: "MALFORMED" }]);
    alice.take({ do: "send", text: "once" });
    const [message] = alice.sent.splice(0) as [string];
    expect(bob.take({ do: "receive", message })).toMatchObject([{ text: "once" }]);
    expect(bob.take({ do: "receive", message })).toMatchObject([{ event: "error", code: "DUPLICATE" }]);
    expect(state(bob)).toEqual(before);
  });

  it("never passes for a message of the conversation", () => {
    const [, bob] = connected();
    expect(bob.take({ do: "receive", message: "hello" })).toEqual([
      { event: "error", code: "NOT_ENCRYPTED", message: "hello" },
    ]);
    expect(bob.take({ do: "receive", message: "?OTR Error: ERROR_2: what?" })).toMatchObject([
      { event: "error", code: "PEER_ERROR_2" },
    ]);
    expect(bob.take({ do: "receive", message: "?OTR Error: what?" })).toMatchObject([
      { event: "error", code: "PEER_ERROR", message: "what?" },
    ]);
  });
});

describe("a command that fails", () => {
  it("leaves the recorded random values where they were", () => {
    const value = (size: number, fill: number): Uint8Array => new Uint8Array(size).fill(fill);
    const ecdh = [value(57, 1), value(57, 2)];
    const short = talker(0x101, "a", "b", recordedRandom({ ecdh, dh: [value(80, 3)], zq: [], fragment: [] }));
    const failed = short.take({ do: "start" });
    expect(failed).toEqual([
      {
        event: "error",
        code: "RANDOM_EXHAUSTED",
        message: expect.stringContaining('number 2 of kind "dh"'),
      },
    ]);
    expect(short.take({ do: "start" })).toEqual(failed);
    expect(short.sent).toEqual([]);
    expect(state(short)).toMatchObject({ state: "start", handshake: "none" });
  });

  it("says why", () => {
    const [alice] = pair();
    for (const command of ["send", "heartbeat", "expire"]) {
      expect(alice.take({ do: command })).toMatchObject([{ event: "error", code: "BAD_STATE" }]);
    }
    expect(alice.take({ do: "close" })).toEqual([]);
    const [bob] = connected();
    expect(bob.take({ do: "query", text: "hi" })).toMatchObject([{ event: "error", code: "BAD_STATE" }]);
    expect(bob.take({ do: "send", text: "a\u0000b" })).toMatchObject([{ event: "error", code: "BAD_ARGUMENT" }]);
    const tlvs = Array.from({ length: 65 }, () => ({ type: 0, value: "" }));
    expect(bob.take({ do: "send", tlvs })).toMatchObject([{ event: "error", code: "BAD_ARGUMENT" }]);
    expect(bob.take({ do: "send", text: "x".repeat(1_000_000) })).toMatchObject([{ code: "TOO_LARGE" }]);
    expect(bob.sent).toEqual([]);
  });
});

const args = ["peer", "--tag", "101", "--account", "a", "--peer", "b", "--now", String(NOW)];

describe("a line", () => {
  it.each([
    ["BAD_JSON", ""],
    ["BAD_JSON", "{"],
    ["BAD_JSON", "null"],
    ["BAD_JSON", '["start"]'],
    ["BAD_COMMAND", "{}"],
    ["BAD_COMMAND", '{"do":"dance"}'],
    ["BAD_COMMAND", '{"do":["start"]}'],
    ["BAD_ARGUMENT", '{"do":"query","text":7}'],
    ["BAD_ARGUMENT", '{"do":"receive"}'],
    ["BAD_ARGUMENT", '{"do":"receive","message":["?OTR:"]}'],
    ["BAD_ARGUMENT", '{"do":"send","text":{}}'],
    ["BAD_ARGUMENT", '{"do":"send","tlvs":{}}'],
    ["BAD_ARGUMENT", '{"do":"send","tlvs":[null]}'],
    ["BAD_ARGUMENT", '{"do":"send","tlvs":[{"type":65536,"value":""}]}'],
    ["BAD_ARGUMENT", '{"do":"send","tlvs":[{"type":-1,"value":""}]}'],
    ["BAD_ARGUMENT", '{"do":"send","tlvs":[{"type":"7","value":""}]}'],
    ["BAD_ARGUMENT", '{"do":"send","tlvs":[{"type":7,"value":"0"}]}'],
    ["BAD_ARGUMENT", '{"do":"send","tlvs":[{"type":7,"value":"zz"}]}'],
    ["BAD_ARGUMENT", '{"do":"clock"}'],
    ["BAD_ARGUMENT", '{"do":"clock","now":-1}'],
    ["BAD_ARGUMENT", '{"do":"clock","now":1e300}'],
    ["BAD_ARGUMENT", '{"do":"clock","now":"1"}'],
  ])("is answered with %s: %s", async (code, line) => {
    const { out, code: exitCode } = await sottovoce(args, `${line}\n{"do":"state"}\n`);
    expect(exitCode).toBe(0);
    expect(lines(out)).toEqual([
      { event: "error", code, message: expect.any(String) },
      { done: 1 },
      { event: "state", state: "start", handshake: "none", peerTag: "00000000" },
      { done: 2 },
    ]);
  });

  it("needs no line feed at the end of input, and may end in CRLF", async () => {
    const { out } = await sottovoce(args, '{"do":"state"}\r\n{"do":"state"}');
    expect(lines(out).filter((line) => "done" in line)).toEqual([{ done: 1 }, { done: 2 }]);
  });

  it("may come in any pieces", async () => {
    const input = utf8('{"do":"query","text":"π"}\n{"do":"state"}\n');
    const pieces = Array.from(input, (byte) => Uint8Array.of(byte));
    expect((await sottovoce(args, pieces)).out).toBe((await sottovoce(args, [input])).out);
  });

  it("that is not UTF-8 is an error, not an end", async () => {
    const bad = concat(utf8('{"do":"query","text":"'), Uint8Array.of(0xff, 0xc0), utf8('"}\n{"do":"state"}\n'));
    const { out } = await sottovoce(args, [bad]);
    expect(lines(out)[0]).toMatchObject({ event: "error", code: "BAD_JSON" });
    expect(lines(out).at(-1)).toEqual({ done: 2 });
  });

  it("that has no end is not kept, and answered once", async () => {
    const chunk = new Uint8Array(1 << 20).fill(0x78);
    const endless = Array.from({ length: 20 }, () => chunk);
    const { out } = await sottovoce(args, [...endless, utf8('\n{"do":"state"}\n')]);
    expect(lines(out)).toMatchObject([{ code: "TOO_LARGE" }, { done: 1 }, { event: "state" }, { done: 2 }]);
    expect(lines((await sottovoce(args, endless)).out)).toMatchObject([{ code: "TOO_LARGE" }, { done: 1 }]);
  });

  it("whatever it is, is answered", async () => {
    const line = fc.oneof(
      fc.json().map((text) => utf8(text.replaceAll("\n", " "))),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.map((byte) => (byte === 10 ? 11 : byte))),
      fc
        .record({
          do: fc.constantFrom("start", "query", "receive", "send", "heartbeat", "close", "expire", "clock", "state"),
          text: fc.option(fc.anything()),
          message: fc.oneof(
            fc.string(),
            fc.string().map((text) => `?OTR${text}`),
          ),
          tlvs: fc.option(fc.anything()),
          now: fc.option(fc.double()),
        })
        .map((command) => utf8(JSON.stringify(command, (_key, value) => (typeof value === "bigint" ? 0 : value)))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (input) => {
        const { code, out } = await sottovoce(
          args,
          input.map((bytes) => concat(bytes, Uint8Array.of(10))),
        );
        expect(code).toBe(0);
        const output = lines(out);
        expect(output.filter((entry) => "done" in entry)).toEqual(input.map((_, i) => ({ done: i + 1 })));
        expect(output.filter((entry) => entry["code"] === "INTERNAL")).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe("options", () => {
  it.each([
    [["--tag", "ff"], "--tag is"],
    [["--tag", "xyz"], "--tag is"],
    [["--now", "soon"], "--now is"],
    [["--max-message-bytes", "45"], "--max-message-bytes is"],
    [["--save-identity"], "--save-identity needs"],
    [["--insecure-random", "/nowhere"], "--insecure-deterministic"],
    [["--no-such-option"], "--no-such-option"],
    [["word"], "word"],
  ])("%j is refused as wrong usage", async (wrong, says) => {
    const { code, out, err } = await sottovoce(["peer", ...wrong]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
    expect(err.trim().split("\n").length).toBe(1);
  });

  it("cuts messages at --max-message-bytes", async () => {
    const { out } = await sottovoce([...args, "--max-message-bytes", "300"], '{"do":"start"}\n');
    const pieces = lines(out).flatMap((line) => ("send" in line ? [line["send"] as string] : []));
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.every((piece) => piece.length <= 300 && piece.startsWith("?OTR|"))).toBe(true);
  });

  it("makes an identity, saves it for its owner only, and is the same one afterwards", async () => {
    const file = join(temporaryFolder(), "identity.json");
    const saving = ["peer", "--now", String(NOW), "--identity", file, "--save-identity"];
    expect((await sottovoce(saving)).code).toBe(0);
    const saved = readFileSync(file, "utf8");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(saved)).toEqual({
      instanceTag: expect.stringMatching(/^[0-9a-f]{8}$/),
      longTermKey: expect.stringMatching(/^[0-9a-f]{114}$/),
      forgingKey: expect.stringMatching(/^[0-9a-f]{114}$/),
      clientProfile: expect.stringMatching(/^[0-9a-f]+$/),
    });
    await sottovoce(saving);
    expect(readFileSync(file, "utf8")).toBe(saved);
    const { out } = await sottovoce(["peer", "--now", String(NOW), "--identity", file], '{"do":"start"}\n');
    const [identity] = lines(out).map((line) => Buffer.from(`${line["send"]}`.slice(5, -1), "base64").toString("hex"));
    expect(identity).toContain(JSON.parse(saved).clientProfile);
  });

  it("completes an identity, keeps what else is in the file, and renews a profile only to save it", async () => {
    const file = join(temporaryFolder(), "identity.json");
    const parts = { account: "a", longTermKey: "07".repeat(57), instanceTag: "101" };
    writeFileSync(file, JSON.stringify(parts));
    const at = (now: number, ...more: string[]): string[] => ["peer", "--now", `${now}`, "--identity", file, ...more];
    await sottovoce(at(NOW));
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(parts);
    await sottovoce(at(NOW, "--save-identity"));
    const first = JSON.parse(readFileSync(file, "utf8"));
    expect(first).toMatchObject({ ...parts, instanceTag: "00000101" });
    await sottovoce(at(NOW + 15 * DAY));
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(first);
    await sottovoce(at(NOW + 15 * DAY, "--save-identity"));
    const second = JSON.parse(readFileSync(file, "utf8"));
    expect({ ...second, clientProfile: "" }).toEqual({ ...first, clientProfile: "" });
    expect(second.clientProfile).not.toBe(first.clientProfile);
  });

  it.each([
    ["{", "not a JSON object"],
    ['{"longTermKey":"00"}', "longTermKey is not 57 bytes"],
    ['{"longTermKey":7}', "longTermKey is not hexadecimal"],
    ['{"instanceTag":"ff"}', "instanceTag is none"],
    ['{"clientProfile":"00"}', "clientProfile is none"],
    [`{"forgingKey":"${"ff".repeat(57)}"}`, "forging key"],
    ['{"instanceTag":"00000999"}', "another instance tag"],
  ])("refuses the identity file %s", async (content, says) => {
    const file = join(temporaryFolder(), "identity.json");
    writeFileSync(file, content);
    const { code, err } = await sottovoce([...args, "--identity", file]);
    expect(code).toBe(1);
    expect(err).toContain(says);
  });

  it("says when a file is missing", async () => {
    const file = join(temporaryFolder(), "missing.json");
    const { code, err } = await sottovoce([...args, "--identity", file]);
    expect({ code, there: existsSync(file) }).toEqual({ code: 1, there: false });
    expect(err).toContain("cannot be read");
    const random = await sottovoce([...args, "--insecure-random", file, "--insecure-deterministic"]);
    expect(random.code).toBe(1);
  });

  it.each([
    ["[]", "not a JSON object"],
    ['{"ecdh":"00"}', "is not a list"],
    ['{"ecdh":["0"]}', "not hexadecimal"],
    ['{"entropy":[]}', 'no kind "entropy"'],
  ])("refuses the random values %s", async (content, says) => {
    const file = join(temporaryFolder(), "random.json");
    writeFileSync(file, content);
    const { code, err } = await sottovoce([...args, "--insecure-random", file, "--insecure-deterministic"]);
    expect(code).toBe(1);
    expect(err).toContain(says);
  });
});

describe("the process", () => {
  it("takes the time of the system, and ends well with its input", async () => {
    const { code, out, err } = await shipped(["peer"], '{"do":"start"}\n{"do":"oops"}\n');
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(lines(out).map((line) => Object.keys(line)[0])).toEqual(["send", "event", "done", "event", "done"]);
  });
});
