// The identity of `sottovoce peer` in a file: read, completed, written back (spec/12, "peer").
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { fromHex, toHex } from "../bytes.ts";
import { systemRandom } from "../crypto/random.ts";
import type { Suite } from "../crypto/suite.ts";
import { SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { isExpired } from "../profile/client.ts";
import { createIdentity, type LocalIdentity } from "../profile/identity.ts";
import { type ClientProfile, decodeClientProfile } from "../wire/client-profile.ts";
import { CommandError } from "./io.ts";
import { parseObject } from "./json.ts";
import { formatTag, parseTag } from "./tags.ts";

/** What a file holds; whatever is missing is made. */
interface StoredIdentity {
  readonly instanceTag: number | undefined;
  readonly longTermKey: Uint8Array | undefined;
  readonly forgingKey: Uint8Array | undefined;
  readonly clientProfile: ClientProfile | undefined;
  /** The object in the file: what else is in it stays. */
  readonly raw: object;
}

export interface IdentityRequest {
  readonly file: string | undefined;
  readonly save: boolean;
  readonly instanceTag: number | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

export interface LoadedIdentity {
  readonly identity: LocalIdentity;
  /** The client profile was given, so it is used as it is; otherwise it is ours to renew. */
  readonly profileGiven: boolean;
}

const KEY_BYTES = 57;
const MAX_FILE_CHARS = 65_536;
const NOTHING: StoredIdentity = {
  instanceTag: undefined,
  longTermKey: undefined,
  forgingKey: undefined,
  clientProfile: undefined,
  raw: {},
};

/**
 * Reads an identity and makes what is missing of it. With `save`, an expired profile counts as missing, and the whole
 * is written back.
 *
 * @throws CommandError when the file cannot be read, understood or written, or its parts do not belong together.
 */
export async function loadIdentity(suite: Suite, limits: Limits, request: IdentityRequest): Promise<LoadedIdentity> {
  const { file, save, now } = request;
  const stored = file === undefined ? NOTHING : await readStored(file, save, limits);
  const { instanceTag, clientProfile } = stored;
  const usable = clientProfile !== undefined && !(save && isExpired(clientProfile, now)) ? clientProfile : undefined;
  const identity = complete(suite, limits, request, { ...stored, clientProfile: usable }, clientProfile);
  if (instanceTag !== undefined && instanceTag !== identity.instanceTag) {
    throw new CommandError(`The identity in ${file} has another instance tag than --tag says.`);
  }
  if (file !== undefined && save) await writeStored(file, stored.raw, identity);
  return { identity, profileGiven: usable !== undefined };
}

function complete(
  suite: Suite,
  limits: Limits,
  { instanceTag, now }: IdentityRequest,
  stored: StoredIdentity,
  expired: ClientProfile | undefined,
): LocalIdentity {
  try {
    return createIdentity(suite, systemRandom, {
      now,
      limits,
      instanceTag: instanceTag ?? stored.instanceTag ?? expired?.instanceTag,
      longTermKey: stored.longTermKey,
      forgingKey: stored.forgingKey ?? expired?.forgingKey,
      profile: stored.clientProfile,
    });
  } catch (error) {
    if (!(error instanceof SottovoceError)) throw error;
    throw new CommandError(`The identity cannot be used. ${error.message}`);
  }
}

async function readStored(file: string, mayBeMissing: boolean, limits: Limits): Promise<StoredIdentity> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (mayBeMissing && (error as NodeJS.ErrnoException).code === "ENOENT") return NOTHING;
    throw new CommandError(`The identity file ${file} cannot be read; with --save-identity, a new one is made.`);
  }
  const wrong = (what: string): CommandError => new CommandError(`The identity file ${file} is wrong: ${what}.`);
  if (text.length > MAX_FILE_CHARS) throw wrong("it is too long");
  const raw = parseObject(text);
  if (raw === undefined) throw wrong("it is not a JSON object");
  const bytes = (name: string): Uint8Array | undefined => {
    const value = raw[name];
    const decoded = typeof value === "string" ? fromHex(value) : undefined;
    if (value !== undefined && decoded === undefined) throw wrong(`${name} is not hexadecimal`);
    return decoded;
  };
  const key = (name: string): Uint8Array | undefined => {
    const value = bytes(name);
    if (value !== undefined && value.length !== KEY_BYTES) throw wrong(`${name} is not ${KEY_BYTES} bytes long`);
    return value;
  };
  const tag = raw["instanceTag"];
  const instanceTag = typeof tag === "string" ? parseTag(tag) : undefined;
  if (tag !== undefined && instanceTag === undefined) throw wrong("instanceTag is none");
  const encoded = bytes("clientProfile");
  const profile = encoded === undefined ? undefined : decodeClientProfile(encoded, limits);
  if (profile?.ok === false) throw wrong(`clientProfile is none (${profile.why})`);
  const longTermKey = key("longTermKey");
  const forgingKey = key("forgingKey");
  return { instanceTag, longTermKey, forgingKey, clientProfile: profile?.value, raw };
}

/** Whole or not at all, and for nobody but its owner. */
async function writeStored(file: string, raw: object, identity: LocalIdentity): Promise<void> {
  const stored = {
    ...raw,
    instanceTag: formatTag(identity.instanceTag),
    longTermKey: toHex(identity.longTermKey),
    forgingKey: toHex(identity.forgingKey),
    clientProfile: toHex(identity.profile.encoded),
  };
  const beside = `${file}.${crypto.randomUUID()}.tmp`;
  try {
    await writeFile(beside, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    await rename(beside, file);
  } catch {
    await rm(beside, { force: true });
    throw new CommandError(`The identity could not be written to ${file}.`);
  }
}
