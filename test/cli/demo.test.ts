// sottovoce demo: it runs to its end, says what it must, and what it writes is what other programs read.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createWorld } from "../../src/cli/demo/world.ts";
import { encodeEnvelope } from "../../src/openpgp/envelope.ts";
import { armor } from "../../src/wire/armor.ts";
import { encodeAuthIMessage } from "../../src/wire/auth-i-message.ts";
import { limits, sealer } from "../openpgp/fixtures.ts";
import { isInstalled, needing, run as runProgram } from "../openpgp/programs.ts";
import { MAIN, type Outcome, shipped, sottovoce } from "./harness.ts";

/** Where the demos of these tests have their mails. */
const temporary = mkdtempSync(join(tmpdir(), "sottovoce-test-"));
vi.stubEnv("TMPDIR", temporary);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});
const leftBehind = (): string[] => readdirSync(temporary);

describe("the demo as it is shipped", () => {
  let played: Outcome;
  beforeAll(async () => {
    played = await shipped(["demo"]);
  });

  it("ends by itself, well, and leaves nothing behind", () => {
    expect({ code: played.code, err: played.err }).toEqual({ code: 0, err: "" });
    expect(leftBehind()).toEqual([]);
  });

  it.each([
    ["what each user sees", /▸ Start secret chat[\s\S]*pending: Bob has not accepted yet/],
    ["that an invitation is a claim", /claims to be Alice, not confirmed[\s\S]*\[ Accept \][\s\S]*│ active/],
    [
      "the states of both sides",
      /Alice: inviting \(OTR: waiting for Auth-R\) +Bob: joining \(OTR: waiting for Auth-I\)/,
    ],
    ["what travels", /PGP\/MIME, \d,\d{3} bytes, encrypted and not signed\n +-----BEGIN PGP MESSAGE-----\n +wV4D/],
    ["the session id", /same session id: [0-9a-f]{8} [0-9a-f]{8}/],
    [
      "ratchets with and without a DH key",
      / 2 {2}0 {2}[0-9a-f]{8}\* {2}– [\s\S]* 3 {2}0 {2}[0-9a-f]{8}\* {2}[0-9a-f]{8}\*/,
    ],
    ["mail out of order", /reads j = 2 .*j = 0 and 1[\s\S]*reads j = 0 [\s\S]*reads j = 1 .*no keys kept/],
    ["that both are closed", /closed · read-only[\s\S]*Alice: closed \(OTR: start\) +Bob: closed \(OTR: start\)/],
    ["a forged word", /a judge .* reads “at seven,”/],
    ["a forged conversation", /the real one +the forged one[\s\S]*10 of 10 messages verify +5 of 5 messages verify/],
  ])("tells %s", (_what, pattern) => {
    expect(played.out).toMatch(pattern);
  });

  it("verifies every MAC key that was revealed", () => {
    const [, revealed, verified] = /MAC keys revealed: (\d+); verified against a message seen before: (\d+)/.exec(
      played.out.replace(/\n +/g, " "),
    ) as RegExpExecArray;
    const listed = played.out.match(/✔ [0-9a-f]{16}… by (?:Alice|Bob) +in mail \d\d, verifies mail \d\d/g);
    expect(Number(revealed)).toBe(9);
    expect(verified).toBe(revealed);
    expect(listed?.length).toBe(9);
  });

  it("fits a terminal, and has no colours where there is none", () => {
    expect(played.out.split("\n").filter((line) => line.length > 100)).toEqual([]);
    expect(played.out).not.toContain("\u001b");
  });
});

describe("demo --mail-dir", () => {
  let root: string;
  const homes: string[] = [];
  beforeAll(async () => {
    // Outside of what the other tests look into, and short: GnuPG puts a socket there.
    root = mkdtempSync("/tmp/sv-");
    const { code, out } = await sottovoce(["demo", "--mail-dir", join(root, "mails")]);
    expect(code).toBe(0);
    expect(out).toContain("gpg --import");
  });
  afterAll(() => {
    for (const home of homes) runProgram("gpgconf", ["--homedir", home, "--kill", "all"]);
    rmSync(root, { recursive: true, force: true });
  });
  const mailsOf = (name: string): string[] => {
    const box = join(root, "mails", `${name}@example.org`, "device");
    return readdirSync(box).map((file) => join(box, file));
  };
  const all = (): string[] => [...mailsOf("alice"), ...mailsOf("bob")];

  it("writes each mail, and keys for their owner only", () => {
    expect(all().length).toBe(13);
    for (const mail of all()) {
      const text = readFileSync(mail, "utf8");
      expect(text).toMatch(/^From: <(?:alice|bob)@example\.org>\r\n/);
      expect(text).toContain('protocol="application/pgp-encrypted"');
    }
    for (const name of ["alice", "bob"]) {
      const key = join(root, "mails", `${name}.asc`);
      expect(readFileSync(key, "utf8")).toMatch(/^-----BEGIN PGP PRIVATE KEY BLOCK-----/);
      expect(statSync(key).mode & 0o777).toBe(0o600);
    }
  });

  it("does not touch what is there already", async () => {
    const { code, err } = await sottovoce(["demo", "--mail-dir", join(root, "mails")]);
    expect(code).toBe(1);
    expect(err).toContain("keys of an earlier demo");
    writeFileSync(join(root, "file"), "");
    expect((await sottovoce(["demo", "--mail-dir", join(root, "file")])).code).toBe(1);
  });

  it.skipIf(!isInstalled("gpg"))(
    needing("gpg", "writes what GnuPG decrypts for each receiver, and sees unsigned"),
    () => {
      for (const name of ["alice", "bob"]) {
        const home = join(root, name);
        mkdirSync(home, { mode: 0o700 });
        homes.push(home);
        const gpg = (...args: string[]): { out: string; said: string; status: number | null } => {
          const options = ["--homedir", home, "--batch", "--no-tty", "--status-fd", "2"];
          const { stdout, stderr, status } = runProgram("gpg", [...options, ...args]);
          return { out: stdout.toString("latin1"), said: stderr.toString("latin1"), status };
        };
        expect(gpg("--import", join(root, "mails", `${name}.asc`)).status).toBe(0);
        for (const mail of mailsOf(name)) {
          const { out, said, status } = gpg("--decrypt", mail);
          expect(status).toBe(0);
          expect(said).toContain("GOODMDC");
          expect(said).not.toMatch(/\[GNUPG:\] (?:\w+SIG|NEWSIG)/);
          expect(out).toContain("?OTR:");
        }
      }
    },
  );

  it.skipIf(!isInstalled("sq"))(needing("sq", "writes what Sequoia decrypts, and sees unsigned"), () => {
    const [mail = ""] = mailsOf("bob");
    const key = join(root, "mails", "bob.asc");
    const decrypt = (option: string): ReturnType<typeof runProgram> =>
      runProgram("sq", ["decrypt", "--dump", option, key, mail]);
    // Older versions call the option otherwise.
    const first = decrypt("--recipient-file");
    const { stdout, stderr, status } = first.status === 0 ? first : decrypt("--recipient-key");
    expect(status).toBe(0);
    expect(stdout.toString("latin1")).toContain("?OTR:");
    expect(stderr.toString("latin1")).toMatch(/Literal Data Packet/);
    expect(stderr.toString("latin1")).not.toMatch(/Signature Packet/);
  });
});

describe("demo --interactive", () => {
  it("lets a person be both", async () => {
    const script = [
      "/start",
      "/bob",
      "/accept",
      "sotto voce",
      "/alice",
      "\u001b[2Jhi",
      "/state",
      "/close",
      "late",
      "/quit",
    ];
    const { code, out } = await sottovoce(["demo", "--interactive"], `${script.join("\n")}\n`);
    expect(code).toBe(0);
    expect(out).toMatch(/Bob +sees an invitation: claims to be Alice, not confirmed/);
    expect(out).toMatch(/✔ Alice has the session id ([0-9a-f]{16})[\s\S]*✔ Bob +has the session id \1/);
    expect(out).toContain("Alice reads “sotto voce”");
    expect(out).toContain("reads “\\u{1b}[2Jhi”");
    expect(out).toContain("Alice: active");
    expect(out).toMatch(/Alice revealed the MAC key [0-9a-f]{16}… of mail 04 “sotto voce”/);
    expect(out).toContain('The chat is in state "closed"');
    expect(out).not.toContain("refused");
    expect(out).not.toContain("\u001b");
    expect(leftBehind()).toEqual([]);
  });

  it("can start anew, and answers what it does not understand", async () => {
    const script = [
      "/dance",
      "/accept",
      "hello",
      "/help",
      "/start",
      "/start",
      "/bob",
      "/start",
      "/close",
      "/start",
      "/alice",
      "/accept",
      "again",
    ];
    const { code, out } = await sottovoce(["demo", "--interactive"], script.join("\n"));
    expect(code).toBe(0);
    expect(out).toContain('There is no "/dance" here.');
    expect(out).toContain('The chat is in state "none"');
    expect(out).toContain('The chat is in state "inviting"');
    expect(out).toMatch(/Bob +reads “again”/);
  });

  it("takes whatever is typed", async () => {
    const long = new Uint8Array(100_000).fill(0x61);
    const { code, out } = await sottovoce(["demo", "--interactive"], [long, Uint8Array.of(10, 0xff, 10, 10)]);
    expect(code).toBe(0);
    expect(out.match(/That was no text/g)?.length).toBe(2);
  });
});

describe("the mails of the demo", () => {
  it("are kept, and opened once more, while too many forged ones came", async () => {
    const start = Date.now();
    const ids: string[] = [];
    const world = await createWorld({
      mailDir: undefined,
      tell: (_name, event) => void (event.type === "sent" && ids.push(event.id)),
    });
    const { Alice, Bob } = world.people;
    const receive = async (name: "Alice" | "Bob"): Promise<void> => {
      await world.deliver();
      await world.open(name);
    };
    try {
      await Alice.side.invite();
      await receive("Bob");
      await Bob.side.accept();
      await receive("Alice");
      const tags = { senderTag: Alice.identity.instanceTag, receiverTag: Bob.identity.instanceTag };
      const otr = armor(encodeAuthIMessage({ ...tags, ringSignature: new Uint8Array(342) }));
      const forged = encodeEnvelope({ kind: "message", chatId: Bob.side.chatId, otr });
      const bytes = await (await sealer("carol", start / 1000)).seal(Alice.side.peerKey, forged);
      for (let i = 0; i < limits.costlyFailuresPerMinute; i++) {
        expect(await Bob.side.take({ id: "forged", from: "whoever", bytes, self: false })).toBe("done");
      }
      const authI = ids.at(-1) as string;
      await world.settle();
      expect([Bob.side.state, Bob.inbox.length, Bob.postponed.length]).toEqual(["joining", 0, 1]);
      expect(await world.fileOf(authI)).toContain("BEGIN PGP MESSAGE");
      vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ["Date"] });
      await world.settle();
      expect([Bob.side.state, Bob.inbox.length, Bob.postponed.length]).toEqual(["active", 0, 0]);
      await expect(world.fileOf(authI)).rejects.toMatchObject({ code: "NOT_FOUND" });
    } finally {
      vi.useRealTimers();
      world.close();
    }
    expect(leftBehind()).toEqual([]);
  });
});

describe("npm start", () => {
  it("is the demo", () => {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(manifest.scripts.start).toBe("node dist/cli/main.js demo");
  });

  it("stops without a word when nobody reads on, or it is interrupted, and tidies up", async () => {
    const demo = spawn(process.execPath, [MAIN, "demo"], { stdio: ["ignore", "pipe", "pipe"] });
    let err = "";
    demo.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    demo.stdout.once("data", () => demo.stdout.destroy());
    expect(await once(demo, "close")).toEqual([0, null]);
    expect(err).toBe("");

    const interrupted = spawn(process.execPath, [MAIN, "demo", "--interactive"], { stdio: "pipe" });
    interrupted.stdout.once("data", () => interrupted.kill("SIGINT"));
    expect(await once(interrupted, "close")).toEqual([130, null]);
    expect(leftBehind()).toEqual([]);
  });
});
