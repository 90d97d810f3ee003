// The host's value: the key without which the store does not open, and how far it has come (spec/13, "Epoch").
import { concat } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import { u64 } from "./header.ts";
import { KEY_BYTES } from "./sealing.ts";
import type { Epoch } from "./store.ts";

export interface EpochValue {
  /** Whether the store is being made: then it is no wonder if there is none. */
  readonly making: boolean;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Commits up to here were acknowledged, with freshness `commit`. */
  readonly commits: bigint;
}

const VERSION = 1;
const EPOCH_BYTES: number = 2 + KEY_BYTES + 8;

/** `undefined` when the host has none. A value that is none of ours is one that opens nothing. */
export async function getEpoch(epoch: Epoch): Promise<EpochValue | undefined> {
  const bytes = await asking(() => epoch.get());
  if (bytes === undefined) return undefined;
  if (bytes.length !== EPOCH_BYTES || bytes[0] !== VERSION) {
    return { making: false, key: new Uint8Array(KEY_BYTES), commits: 0n };
  }
  const commits = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(2 + KEY_BYTES);
  return { making: bytes[1] === 1, key: bytes.slice(2, 2 + KEY_BYTES), commits };
}

/** Version 1 ‖ making 1 ‖ key 32 ‖ commits 8. */
export async function setEpoch(epoch: Epoch, value: EpochValue): Promise<void> {
  const bytes = concat(Uint8Array.of(VERSION, value.making ? 1 : 0), value.key, u64(value.commits));
  await asking(() => epoch.set(bytes));
}

async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const message = "The host did not keep or give back the value that it holds for the store. Open the store again.";
    throw new SottovoceError("STORE_IO", message, { cause });
  }
}
