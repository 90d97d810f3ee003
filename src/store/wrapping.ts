// Wrapping keys: from the host, or from a passphrase by Argon2id (spec/13, "Wrapping key").
import { SottovoceError } from "../errors.ts";
import { type Derivation, isCost, type Stretched, type Wrapping } from "./header.ts";
import { KEY_BYTES, randomBytes, SALT_BYTES, stretch } from "./sealing.ts";
import { type Argon2Cost, defaultCost, type StoreKey } from "./store.ts";

/** A wrapping key of its own for a store: of a passphrase with a fresh salt, at the cost the caller asks for. */
export async function makeWrapping(key: StoreKey): Promise<Wrapping> {
  checkKey(key);
  if (key instanceof Uint8Array) return { key: key.slice(), from: { kind: "host" } };
  return await stretched(key.passphrase, { salt: randomBytes(SALT_BYTES), cost: key.cost ?? defaultCost });
}

/** The wrapping key as a slot wants it derived; `undefined` when the key is of the other kind. */
export async function deriveWrapping(key: StoreKey, from: Derivation): Promise<Wrapping | undefined> {
  if (key instanceof Uint8Array) return from.kind === "host" ? { key: key.slice(), from } : undefined;
  return from.kind === "host" ? undefined : await stretched(key.passphrase, from);
}

/** A dearer wrapping key from the same passphrase, when the caller asks for more than the store was sealed with. */
export async function upgradeWrapping(key: StoreKey, wrapping: Wrapping): Promise<Wrapping> {
  if (key instanceof Uint8Array || wrapping.from.kind === "host") return wrapping;
  const cost = dearer(wrapping.from.cost, key.cost ?? defaultCost);
  return cost === undefined ? wrapping : await stretched(key.passphrase, { salt: randomBytes(SALT_BYTES), cost });
}

/** @throws SottovoceError `BAD_ARGUMENT`. */
export function checkKey(key: StoreKey): void {
  if (key instanceof Uint8Array) {
    if (key.length !== KEY_BYTES) throw badKey(`The key of a store has ${KEY_BYTES} bytes`);
  } else if (typeof key?.passphrase !== "string" || key.passphrase === "") {
    throw badKey("The key of a store is 32 bytes, or a passphrase that is not empty");
  } else if (key.cost !== undefined && !isCost(key.cost)) {
    throw badKey("The cost of a passphrase is out of range");
  }
}

async function stretched(passphrase: string, { salt, cost }: Omit<Stretched, "kind">): Promise<Wrapping> {
  return { key: await stretch(passphrase, salt, cost), from: { kind: "passphrase", salt, cost } };
}

/** `undefined` when the second asks for nothing that the first does not give. */
function dearer(now: Argon2Cost, wanted: Argon2Cost): Argon2Cost | undefined {
  if (wanted.memory <= now.memory && wanted.passes <= now.passes) return undefined;
  const larger = (a: number, b: number): number => Math.max(a, b);
  return { ...wanted, memory: larger(now.memory, wanted.memory), passes: larger(now.passes, wanted.passes) };
}

function badKey(why: string): SottovoceError {
  return new SottovoceError("BAD_ARGUMENT", `${why}; nothing was changed.`);
}
