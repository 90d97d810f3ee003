// Rows: what a store needs from its medium, nothing but an ordered table of byte strings (spec/13, "Rows").
import { SottovoceError } from "../errors.ts";

/**
 * A table that one process has to itself. Names are ordered as byte strings. Rejections are SottovoceErrors:
 * `STORE_FULL` from `write` when there is no room and nothing was changed, `STORE_DAMAGED` from the readers when the
 * medium cannot make sense of what it holds, `STORE_IO` for everything else.
 */
export interface Rows {
  get(name: Uint8Array): Promise<Uint8Array | undefined>;
  /** Up to `limit` rows whose names begin with `prefix` and come after `after`, ascending. */
  list(prefix: Uint8Array, after: Uint8Array | undefined, limit: number): Promise<readonly Row[]>;
  /** Does all of it, in this order, or nothing. Resolves when it is durable. */
  write(writes: readonly Write[]): Promise<void>;
  /** Tries to leave nothing in any file of what was overwritten or deleted, now rather than later. Never rejects. */
  scrub(): Promise<void>;
  /** Gives the lock back. */
  close(): Promise<void>;
}

export interface Row {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

export type Write =
  | { readonly kind: "put"; readonly name: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly name: Uint8Array }
  /** Every row whose name begins with these bytes; at least one. */
  | { readonly kind: "clear"; readonly prefix: Uint8Array };

/** The first name after all that begin with a prefix; `undefined` when there is none (only FF bytes, or empty). */
export function endOf(prefix: Uint8Array): Uint8Array | undefined {
  const last = prefix.findLastIndex((byte) => byte !== 0xff);
  if (last < 0) return undefined;
  const end = prefix.slice(0, last + 1);
  end[last] = (end[last] as number) + 1;
  return end;
}

/** Tries again while the medium is locked, until the time is up. */
export async function waitForLock<T>(open: () => Promise<T>, milliseconds: number): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const left = end - Date.now();
      if (!(error instanceof SottovoceError) || error.code !== "STORE_LOCKED" || left <= 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, 50)));
    }
  }
}

export function locked(): SottovoceError {
  return new SottovoceError(
    "STORE_LOCKED",
    "This store is open already, here or in another process; nothing was changed. Close it there, or ask to wait.",
  );
}
