// GnuPG and Sequoia: they open our mails and find no signature; we take what they make (spec/05, "Interoperability").
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import { formatMail } from "../../src/carrier/mime.ts";
import { checkAttestation, createSealer, makeAttestation, type OpenPgpIdentity } from "../../src/openpgp/index.ts";
import { pad } from "../../src/openpgp/padding.ts";
import { device, identity, keys, limits, publicKey, sealer, suite, value } from "./fixtures.ts";
import { isInstalled, needing, run } from "./programs.ts";

const content = utf8("?OTR:AAQ=.");
const now = Math.floor(Date.now() / 1000);
type Name = keyof typeof keys;

/** GnuPG homes with agents that must end. */
const homes: string[] = [];
let folder = "";
const path = (name: string): string => join(folder, name);
const write = (name: string, data: string | Uint8Array): string => {
  writeFileSync(path(name), data);
  return path(name);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sv-"));
  for (const [name, key] of Object.entries(keys)) write(`${name}.asc`, key.privateKey);
});
afterAll(() => {
  for (const home of homes) run("gpgconf", ["--homedir", home, "--kill", "all"]);
  rmSync(folder, { recursive: true, force: true });
});

async function mail(from: Name, to: Name): Promise<string> {
  const bytes = await (await sealer(from, now)).seal(await publicKey(to), content);
  const text = formatMail({ from: `${from}@example.org`, to: `${to}@example.org`, date: now, id: "mail", bytes });
  return write(`${from}-${to}.eml`, text);
}

/** An identity whose host signs with a program. */
async function signedBy(name: Name, sign: (data: string) => Uint8Array): Promise<OpenPgpIdentity> {
  return { ...(await identity(name)), sign: (data) => Promise.resolve(sign(write("statement", data))) };
}

async function expectAttested(by: OpenPgpIdentity): Promise<void> {
  const phone = device(1, now);
  const options = { now, limits };
  const attestation = await makeAttestation(suite, by, phone.profile, phone.longTermKey, options);
  expect(value(await checkAttestation(suite, attestation, await publicKey("alice"), options)).profile).toEqual(
    phone.profile,
  );
}

describe.skipIf(!isInstalled("gpg"))(needing("gpg", "GnuPG"), () => {
  interface Ran {
    readonly out: Uint8Array;
    readonly said: string;
    readonly status: number | null;
  }
  const start = (home: string, args: readonly string[]): Ran => {
    const base = ["--homedir", path(home), "--batch", "--trust-model", "always", "--status-fd", "2"];
    const { stdout, stderr, status } = run("gpg", [...base, ...args]);
    return { out: new Uint8Array(stdout), said: stderr.toString(), status };
  };
  const gpg = (home: string, args: readonly string[]): Ran => {
    const ran = start(home, args);
    expect(ran.status, ran.said).toBe(0);
    return ran;
  };
  beforeAll(() => {
    for (const name of ["alice", "bob", "erin"]) {
      homes.push(path(name));
      mkdirSync(path(name), { mode: 0o700 });
      gpg(name, ["--import", path(`${name}.asc`)]);
    }
    gpg("alice", ["--import", write("bob.pub", keys.bob.publicKey)]);
  });

  it.each([
    ["alice", "bob"],
    ["bob", "erin"],
    ["carol", "bob"],
  ] as const)("decrypts a mail from %s to %s, and finds no signature", async (from, to) => {
    const { out, said } = gpg(to, ["--decrypt", await mail(from, to)]);
    expect(out).toEqual(pad(content));
    expect(said).toMatch(/DECRYPTION_OKAY/);
    expect(said).toMatch(/GOODMDC/);
    expect(said).not.toMatch(/SIG/);
  });

  it("decrypts one's own mail, though it counts the try on the hidden other key as an error", async () => {
    const { out, said, status } = start("alice", ["--decrypt", await mail("alice", "bob")]);
    expect(out).toEqual(pad(content));
    expect(said).toMatch(/DECRYPTION_OKAY/);
    expect([0, 2]).toContain(status);
  });

  it("sees no signature, compression, name or date in it", async () => {
    const { out } = gpg("bob", ["--list-packets", await mail("alice", "bob")]);
    const listed = new TextDecoder().decode(out);
    expect(listed).toMatch(/created 0, name=""/);
    expect(listed).not.toMatch(/signature|compressed|onepass/);
    expect(listed.match(/^:.*/gm)).toHaveLength(4);
  });

  it("makes messages that are opened, if they are not compressed or signed", async () => {
    const file = write("literal", pad(content));
    const to = ["--hidden-recipient", "bob@example.org", "--hidden-recipient", "alice@example.org", "--output", "-"];
    const bob = await sealer("bob", now);
    const made = (...args: string[]): Uint8Array => gpg("alice", [...args, ...to, "--encrypt", file]).out;
    expect(value(await bob.open(made("--compress-algo", "none")))).toEqual(content);
    expect(await bob.open(made("--compress-algo", "zlib"))).toMatchObject({ code: "NOT_FOR_US" });
    const signed = made("--compress-algo", "none", "--local-user", "alice@example.org", "--sign");
    expect(await bob.open(signed)).toMatchObject({ code: "BAD_SIGNATURE" });
  });

  it("opens for a host that keeps the key in it", async () => {
    const alice: OpenPgpIdentity = {
      ...(await identity("alice")),
      decrypt: (message) => {
        const { out, said } = gpg("alice", ["--decrypt", write("message", message)]);
        return Promise.resolve({ data: out, signed: / (?:NEW|GOOD|BAD|ERR)SIG/.test(said) });
      },
    };
    const host = createSealer({ suite, identity: alice, limits, clock: () => now });
    const message = await (await sealer("bob", now)).seal(await publicKey("alice"), content);
    expect(value(await host.open(message))).toEqual(content);
  });

  it("signs attestations, and accepts their notation when it is told to", async () => {
    const options = ["--local-user", "alice@example.org", "--sig-notation", "!attestation@sottovoce.alt=1"];
    const by = await signedBy("alice", (data) => {
      const { out } = gpg("alice", [...options, "--output", "-", "--detach-sign", data]);
      write("signature", out);
      return out;
    });
    await expectAttested(by);
    const known = ["--known-notation", "attestation@sottovoce.alt"];
    expect(gpg("alice", [...known, "--verify", path("signature"), path("statement")]).said).toMatch(/GOODSIG/);
    expect(start("alice", ["--verify", path("signature"), path("statement")]).said).toMatch(/BADSIG/);
  });
});

describe.skipIf(!isInstalled("sq"))(needing("sq", "Sequoia"), () => {
  const sq = (...args: string[]): Uint8Array => {
    const { stdout, stderr, status } = run("sq", args);
    expect(status, stderr.toString()).toBe(0);
    return new Uint8Array(stdout);
  };

  it.each([
    ["alice", "bob"],
    ["erin", "alice"],
    ["alice", "erin"],
    ["bob", "carol"],
  ] as const)("decrypts a mail from %s to %s for its version 4 keys", async (from, to) => {
    const file = await mail(from, to);
    for (const name of [from, to]) {
      if (name === "carol") continue;
      expect(sq("decrypt", "--recipient-key", path(`${name}.asc`), file)).toEqual(pad(content));
    }
  });

  it("sees no signature or compression in it", async () => {
    const file = await mail("alice", "bob");
    const { stderr } = run("sq", ["decrypt", "--dump", "--recipient-key", path("bob.asc"), file]);
    const dump = stderr.toString();
    expect(dump).toMatch(/Literal Data Packet/);
    expect(dump).not.toMatch(/Signature|Compressed/);
  });

  it("makes messages that are opened", async () => {
    const file = write("literal", pad(content));
    const made = sq("encrypt", "--binary", "--compression", "none", "--recipient-cert", path("bob.asc"), file);
    expect(value(await (await sealer("bob", now)).open(made))).toEqual(content);
  });

  it("signs attestations", async () => {
    const by = await signedBy("alice", (data) => {
      const notation = ["--notation", "!attestation@sottovoce.alt", "1"];
      sq(
        "--force",
        "sign",
        "--detached",
        "--binary",
        ...notation,
        "--signer-key",
        path("alice.asc"),
        "-o",
        path("sig"),
        data,
      );
      return new Uint8Array(readFileSync(path("sig")));
    });
    await expectAttested(by);
  });
});
