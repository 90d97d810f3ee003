// The world of the demo: two accounts with OpenPGP keys, and mail between them (spec/12, "demo").
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Config, generateKey } from "openpgp";
import { suite } from "#crypto";
import type { Delivery } from "../../carrier/carrier.ts";
import { type MailFolderCarrier, openMailFolder } from "../../carrier/folder.ts";
import { systemRandom } from "../../crypto/random.ts";
import { SottovoceError } from "../../errors.ts";
import { type Recorder, recordSecrets } from "../../forge/secrets.ts";
import { defaultLimits } from "../../limits.ts";
import { identityFromKey } from "../../openpgp/identity.ts";
import { createSealer } from "../../openpgp/sealer.ts";
import { createIdentity, type LocalIdentity } from "../../profile/identity.ts";
import { CommandError } from "../io.ts";
import { createSide, type Side, type SideEvent } from "../side.ts";

export type Name = "Alice" | "Bob";
export const NAMES: readonly Name[] = ["Alice", "Bob"];

export function otherName(name: Name): Name {
  return name === "Alice" ? "Bob" : "Alice";
}

/** One of the two, with everything that is on their device. */
export interface Person {
  readonly name: Name;
  readonly address: string;
  readonly side: Side;
  readonly identity: LocalIdentity;
  /** Version ‖ fingerprint of the OpenPGP key. */
  readonly openpgpId: Uint8Array;
  /** Remembers the ephemeral secrets of the device, as somebody would who collects evidence. */
  readonly recorder: Recorder;
  /** Delivered and not opened yet. */
  readonly inbox: Delivery[];
  /** Opened, and to be opened once more later. */
  readonly postponed: Delivery[];
}

export interface World {
  readonly people: Readonly<Record<Name, Person>>;
  /** Moves what was sent, and what was postponed, into the inboxes. */
  deliver(): Promise<void>;
  /** Opens one mail of a person's inbox, the oldest first unless told otherwise. Deletes it, or postpones it. */
  open(name: Name, which?: number): Promise<void>;
  /** Delivers and opens until nobody has anything to read. */
  settle(): Promise<void>;
  /** The file of a mail that was sent and not opened yet. */
  fileOf(id: string): Promise<string>;
  close(): void;
}

export interface WorldOptions {
  /** A folder for mails and keys, where both stay. Otherwise the mails are in a temporary one, and the keys nowhere. */
  readonly mailDir: string | undefined;
  readonly tell: (name: Name, event: SideEvent) => void;
}

const clock = (): number => Date.now() / 1000;

/** Generates keys, pins them at each other, and opens both mailboxes. */
export async function createWorld({ mailDir, tell }: WorldOptions): Promise<World> {
  const root = await orFail(mailDir ?? tmpdir(), async () => {
    if (mailDir === undefined) return await mkdtemp(join(tmpdir(), "sottovoce-demo-"));
    await mkdir(mailDir, { recursive: true });
    return mailDir;
  });
  const tidyUp = (): void => {
    if (mailDir === undefined) rmSync(root, { recursive: true, force: true });
  };
  process.once("exit", tidyUp);
  const accounts = await Promise.all(NAMES.map((name) => createAccount(name, mailDir)));
  const [alice, bob] = accounts as [Account, Account];
  const box = (account: string): Promise<MailFolderCarrier> => openMailFolder({ root, account, pollMilliseconds: 0 });
  const boxes = { Alice: await box(alice.address), Bob: await box(bob.address) };
  let mails = 0;
  const newId = (): string => `${String(++mails).padStart(2, "0")}-${crypto.randomUUID().slice(0, 8)}`;

  const person = async (own: Account, contact: Account): Promise<Person> => {
    const carrier = boxes[own.name];
    const inbox: Delivery[] = [];
    carrier.setContact(contact.address, { openpgpKey: contact.publicKey, verified: false });
    carrier.subscribe((delivery) => Promise.resolve(void inbox.push(delivery)));
    const recorder = recordSecrets(suite, systemRandom);
    const identity = createIdentity(suite, systemRandom, { now: clock(), limits: defaultLimits });
    const openpgp = await identityFromKey(own.privateKey);
    const sealer = createSealer({ suite, identity: openpgp, limits: defaultLimits, clock });
    const side = await createSide({
      ...{ suite, limits: defaultLimits, random: recorder.random, clock, identity, sealer, carrier, newId },
      peer: contact.address,
      tell: (event) => tell(own.name, event),
    });
    const { name, address } = own;
    return { name, address, side, identity, openpgpId: openpgp.publicKey.id, recorder, inbox, postponed: [] };
  };
  const people = { Alice: await person(alice, bob), Bob: await person(bob, alice) };

  const poll = async (): Promise<void> => {
    for (const name of NAMES) await boxes[name].poll();
  };
  const deliver = async (): Promise<void> => {
    for (const { inbox, postponed } of Object.values(people)) inbox.push(...postponed.splice(0));
    await poll();
  };
  const open = async (name: Name, which: number = 0): Promise<void> => {
    const [delivery] = people[name].inbox.splice(which, 1);
    if (delivery === undefined) throw new SottovoceError("NOT_FOUND", `${name} has no such mail.`);
    const taken = await people[name].side.take(delivery);
    if (taken === "later") people[name].postponed.push(delivery);
    // A messenger deletes what it has opened; whoever asked for a folder wants to look at it.
    else if (mailDir === undefined) await boxes[name].delete(delivery.id);
  };
  return {
    people,
    deliver,
    open,
    async settle() {
      for (await deliver(); NAMES.some((name) => people[name].inbox.length > 0); await poll()) {
        for (const name of NAMES) while (people[name].inbox.length > 0) await open(name);
      }
    },
    async fileOf(id) {
      const files = await readdir(root, { recursive: true });
      const file = files.find((path) => path.endsWith(`.${id}.eml`));
      if (file === undefined) throw new SottovoceError("NOT_FOUND", "There is no such mail any more.");
      return await readFile(join(root, file), "utf8");
    },
    close() {
      for (const name of NAMES) boxes[name].close();
      process.off("exit", tidyUp);
      tidyUp();
    },
  };
}

interface Account {
  readonly name: Name;
  readonly address: string;
  /** Binary. */
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Version 4, Ed25519 and Curve25519 in their legacy forms: what messengers have today, and GnuPG reads. */
async function createAccount(name: Name, mailDir: string | undefined): Promise<Account> {
  const address = `${name.toLowerCase()}@example.org`;
  const { privateKey, publicKey } = await generateKey({
    userIDs: { name, email: address },
    type: "ecc",
    curve: "ed25519Legacy",
    format: "object",
    config: V4,
  });
  if (mailDir !== undefined) {
    await orFail(mailDir, () => writeFile(join(mailDir, `${name.toLowerCase()}.asc`), privateKey.armor(), ONLY_OURS));
  }
  return { name, address, privateKey: privateKey.write(), publicKey: publicKey.write() };
}

const V4: Partial<Config> = { v6Keys: false, aeadProtect: false, showVersion: false, showComment: false };
const ONLY_OURS = { mode: 0o600, flag: "wx" } as const;

async function orFail<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new CommandError(`There are keys of an earlier demo in ${folder}; give a folder of its own.`);
    }
    throw new CommandError(`The folder ${folder} cannot be written to.`);
  }
}
