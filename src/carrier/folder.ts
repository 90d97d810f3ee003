// A carrier through a folder of mails: one file a mail, one folder a device (spec/06, "Folder of mails"). Node only.
import { constants } from "node:fs";
import { access, lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Rejection, reject, SottovoceError } from "../errors.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import type { Carrier, CarrierCaps, Delivery, DeliveryHandler, PeerId } from "./carrier.ts";
import { type Contacts, createContacts } from "./contacts.ts";
import { formatMail, parseMail } from "./mime.ts";

export interface MailFolderOptions {
  /** The folder that all accounts share. Below it: `<account>/<device>/<id>.eml`. */
  readonly root: string;
  /** This account: a bare mail address. */
  readonly account: PeerId;
  /** This device of the account. Default `device`. */
  readonly device?: string;
  /** Milliseconds between two looks at the folder; 0: only {@link MailFolderCarrier.poll} looks. Default 1000. */
  readonly pollMilliseconds?: number;
  readonly caps?: Partial<CarrierCaps>;
  readonly limits?: Limits;
  /** Told of each file that is no mail for us, again when it has changed; the file stays where it is. */
  readonly onGarbage?: (report: Garbage) => void;
  /** Told when a look at the folder or a handler fails; the mail in question is delivered again at the next look. */
  readonly onError?: (error: unknown) => void;
}

/** A file in the folder that was passed over. */
export interface Garbage {
  readonly file: string;
  readonly rejection: Rejection;
}

export interface MailFolderCarrier extends Carrier, Contacts {
  /** Looks at the folder now. Resolves to the number of mails delivered; rejects when a handler does. */
  poll(): Promise<number>;
  /** Stops looking. Files stay. */
  close(): void;
}

const DEFAULT_CAPS: CarrierCaps = {
  signs: false,
  thirdPartySigns: "no",
  storesCiphertext: true,
  maxMessageBytes: defaultLimits.openpgpBytes,
  ordered: false,
  ephemeral: false,
};
const SUFFIX = ".eml";
const EPOCH_FILE = ".epoch";
const DEFAULT_POLL_MILLISECONDS = 1000;

/**
 * Opens the mailbox of one device, making its folder when it is new. What others sent before is delivered too.
 *
 * @throws SottovoceError `CARRIER` when the folder cannot be made.
 */
export async function openMailFolder(options: MailFolderOptions): Promise<MailFolderCarrier> {
  const { root, account, device = "device", limits = defaultLimits } = options;
  const inbox = join(root, folderName(account), folderName(device));
  await orCarrierError("The folder of the mailbox could not be made.", mkdir(inbox, { recursive: true }));
  const caps: CarrierCaps = { ...DEFAULT_CAPS, ...options.caps };
  const handlers = new Set<DeliveryHandler>();
  const done = new Set<string>();
  let looking: Promise<number> = Promise.resolve(0);

  const take = async ({ name, changed }: MailFile): Promise<boolean> => {
    const mail = await readMail(join(inbox, name), limits);
    if (mail === undefined) return false;
    if (!mail.ok) {
      done.add(name + changed);
      options.onGarbage?.({ file: name, rejection: mail });
      return false;
    }
    const { from, bytes } = mail.value;
    const delivery: Delivery = { id: name.slice(0, -SUFFIX.length), from, bytes, self: from === account };
    for (const handler of handlers) await handler({ ...delivery, bytes: bytes.slice() });
    done.add(name);
    return true;
  };
  const look = async (): Promise<number> => {
    let count = 0;
    for (const file of handlers.size === 0 ? [] : await mailsIn(inbox)) {
      const seen = done.has(file.name) || done.has(file.name + file.changed);
      if (!seen && (await take(file))) count++;
    }
    return count;
  };
  const poll = (): Promise<number> => {
    looking = looking.catch(() => 0).then(look);
    return looking;
  };
  const every = options.pollMilliseconds ?? DEFAULT_POLL_MILLISECONDS;
  const timer = every > 0 ? setInterval(() => poll().catch((error) => options.onError?.(error)), every) : undefined;
  timer?.unref();

  return {
    ...createContacts(),
    caps,
    async send(to, bytes, id) {
      if (bytes.length > caps.maxMessageBytes) {
        throw new SottovoceError("TOO_LARGE", `This carrier takes ${caps.maxMessageBytes} bytes; nothing was sent.`);
      }
      const mail = formatMail({ from: account, to, date: Date.now() / 1000, id, bytes });
      const boxes = await boxesOf(root, to);
      if (boxes.length === 0) throw new SottovoceError("CARRIER", `There is no mailbox of ${to}; nothing was sent.`);
      const own = to === account ? [] : await boxesOf(root, account);
      const name = `${folderName(account)}.${id}${SUFFIX}`;
      for (const box of [...boxes, ...own]) {
        if (box !== inbox) await orCarrierError("The mail could not be written.", writeAtomically(box, name, mail));
      }
    },
    subscribe(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    async delete(id) {
      if (basename(id) !== id) {
        throw new SottovoceError("BAD_ARGUMENT", "This is not the id of a delivery; nothing was deleted.");
      }
      await orCarrierError("The mail could not be deleted.", rm(join(inbox, id + SUFFIX), { force: true }));
    },
    epoch: {
      async get() {
        const bytes = await readIfThere(join(inbox, EPOCH_FILE));
        return bytes === undefined ? undefined : new Uint8Array(bytes);
      },
      set: (value) => orCarrierError("The epoch could not be written.", writeAtomically(inbox, EPOCH_FILE, value)),
    },
    poll,
    close() {
      clearInterval(timer);
      handlers.clear();
    },
  };
}

/** A name that is one path element on every system, and not hidden: other characters as `%XX` of their UTF-8 bytes. */
function folderName(name: string): string {
  const safe = encodeURIComponent(name).replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return safe.replace(/%40/g, "@").replace(/^\./, "%2E") || "%00";
}

async function boxesOf(root: string, account: PeerId): Promise<string[]> {
  const folder = join(root, folderName(account));
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

interface MailFile {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly changed: number;
}

/** The mails in a box, the oldest first. */
async function mailsIn(box: string): Promise<MailFile[]> {
  const all = await orCarrierError("The folder of the mailbox could not be read.", readdir(box));
  const names = all.filter((name) => name.endsWith(SUFFIX) && !name.startsWith("."));
  const files = await Promise.all(
    names.map(async (name) => {
      const stat = await lstat(join(box, name)).catch(() => undefined);
      return { name, changed: stat?.mtimeMs ?? 0 };
    }),
  );
  return files.sort((a, b) => a.changed - b.changed || (a.name < b.name ? -1 : 1));
}

/** `undefined` when the file is gone: another process was faster. */
async function readMail(path: string, limits: Limits): Promise<ReturnType<typeof parseMail> | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return undefined;
  if (!stat.isFile()) return reject("NOT_FOR_US", "This is not a file.");
  if (stat.size > 2 * limits.openpgpBytes) return reject("TOO_LARGE", "The file is larger than the limits allow.");
  const bytes = await readIfThere(path);
  return bytes === undefined ? undefined : parseMail(new Uint8Array(bytes), limits);
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    await access(path, constants.R_OK);
    return await readFile(path);
  } catch {
    return undefined;
  }
}

/** Whole or not at all, and on the disk when it resolves: written beside, synced, renamed, the folder synced. */
async function writeAtomically(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const beside = join(folder, `.${crypto.randomUUID()}.tmp`);
  try {
    const file = await open(beside, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, join(folder, name));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  const directory = await open(folder, "r");
  await directory.sync().catch(() => undefined);
  await directory.close();
}

async function orCarrierError<T>(what: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    throw new SottovoceError("CARRIER", `${what} Check the folder and its permissions.`, { cause });
  }
}
