// Store: what everything durable is kept in, on this device, sealed (spec/13, "Interface").
import type { SottovoceError } from "../errors.ts";

/**
 * Records under keys, in drawers. A key is a path of two to eight segments, `drawer/name` or `drawer/folder/name`: up
 * to 512 bytes of UTF-8, no segment empty. The first segment names the drawer. A drawer has an encryption key of its
 * own, so what is to vanish together belongs into one (spec/13, "Keys and drawers").
 *
 * Calls take effect in the order in which they are made. All of them reject with SottovoceError: `STORE_CLOSED` after
 * {@link close}, `STORE_IO` when the medium failed so that it is unknown what it holds (everything acknowledged is
 * there; close the store and open it again), `BAD_ARGUMENT` for a key, prefix or drawer that cannot be one.
 */
export interface Store {
  /**
   * How the store was when it was opened: made just now, closed properly, or left open by a process that ended without
   * {@link close}. After `crashed`, it could be a copy made since it was opened before (spec/13, "Older copies").
   */
  readonly found: "new" | "closed" | "crashed";

  /**
   * How many drawers do not open any more. Nobody knows their names, so {@link drawers} does not give them; asked for
   * by name, they are `STORE_DAMAGED`.
   */
  readonly unreadable: number;

  /**
   * The value under a key, a fresh array; `undefined` when there is none.
   *
   * @throws SottovoceError `STORE_DAMAGED` when the record or its drawer does not open any more; others still do.
   */
  get(key: string): Promise<Uint8Array | undefined>;

  /**
   * Everything whose key begins with a prefix that ends in `/`: `drawer/` or `drawer/folder/`. In no particular order.
   * What changes meanwhile is seen as it was or as it is. A record that does not open any more is an entry of its own
   * and does not end the scan.
   *
   * @throws SottovoceError `STORE_DAMAGED` when the drawer does not open any more.
   */
  scan(prefix: string): AsyncIterable<Entry | Damage>;

  /** The names of drawers that begin with a prefix, in no particular order. A drawer is there until it is erased. */
  drawers(prefix?: string): Promise<readonly string[]>;

  /**
   * Does all of it, in this order, or nothing. Values are copied at once. Resolves when it is durable; with an `erase`
   * or `renew` among it, when the files also no longer hold what is gone.
   *
   * @throws SottovoceError `STORE_FULL` when there is no room: nothing was changed, and the store goes on.
   */
  commit(ops: readonly Op[]): Promise<void>;

  /**
   * Seals the store under fresh keys, so that copies made before do not open, nor anything that was erased or renewed;
   * from now on under another key of the caller's, if one is given. Until it resolves either key may be the right one
   * after a crash, so keep both.
   */
  rekey(key?: StoreKey): Promise<void>;

  /** Waits for what was asked before, does what {@link rekey} does, and gives the lock back. Harmless when repeated. */
  close(): Promise<void>;
}

/** One thing a commit does. */
export type Op =
  /** Sets a record, whether it was there or not; makes its drawer when it is new. */
  | { readonly kind: "put"; readonly key: string; readonly value: Uint8Array }
  /** Removes a record, damaged ones too. None there is no error. */
  | { readonly kind: "delete"; readonly key: string }
  /** Removes a drawer, all that is in it, and its key. None there is no error. */
  | { readonly kind: "erase"; readonly drawer: string }
  /** Gives a drawer a fresh key and seals what is in it anew, so that nothing opens that was in it before. */
  | { readonly kind: "renew"; readonly drawer: string };

export interface Entry {
  readonly key: string;
  /** A fresh array. */
  readonly value: Uint8Array;
}

/** A record that does not open any more. Its drawer is known, its key is not. */
export interface Damage {
  readonly drawer: string;
  /** `STORE_DAMAGED`. */
  readonly damaged: SottovoceError;
}

/** What opens a store: 32 bytes that the host keeps, from the key store of the system, or a passphrase. */
export type StoreKey = Uint8Array | Passphrase;

export interface Passphrase {
  readonly passphrase: string;
  /** What guessing it shall cost. A store that asks less is upgraded when it is opened. Default {@link defaultCost}. */
  readonly cost?: Argon2Cost;
}

/** Parameters of Argon2id (RFC 9106). */
export interface Argon2Cost {
  /** KiB of memory: from 8 for each lane to 1,048,576. */
  readonly memory: number;
  /** Passes over it: 1 to 64. */
  readonly passes: number;
  /** 1 to 16. They cost memory bandwidth, not threads: JavaScript does them one after the other. */
  readonly lanes: number;
}

/** 32 MiB, three passes: 0.5 to 1 s of JavaScript on a small machine of 2024. */
export const defaultCost: Argon2Cost = { memory: 32_768, passes: 3, lanes: 1 };

/**
 * A value of 42 bytes kept with the host: outside the store, outside backups, best in the key store of the system. It
 * is secret, and of one store only. `set` resolves when it is durable and the value before is gone.
 */
export interface Epoch {
  get(): Promise<Uint8Array | undefined>;
  set(value: Uint8Array): Promise<void>;
}

/**
 * Changes that a new version of the application makes to what an older one stored: it is given the store as it is and
 * returns what to change. Number n brings the store from version n to n + 1; the change and the version are one commit.
 */
export type Migration = (store: Pick<Store, "get" | "scan" | "drawers">) => Promise<readonly Op[]>;

/** What every kind of store is opened with. */
export interface StoreOptions {
  readonly key: StoreKey;
  readonly epoch: Epoch;
  /** All there ever were, the oldest first. A new store begins after the last. */
  readonly migrations?: readonly Migration[];
  /**
   * How often the host's value changes: `opening` (the default), when the store is opened, closed or rekeyed; `commit`,
   * with each commit, which then takes as long as the host takes, and a copy made between two of them does not open
   * either.
   */
  readonly freshness?: "opening" | "commit";
  /** How long to wait for whoever has the store open, in milliseconds. Default 0: `STORE_LOCKED` at once. */
  readonly wait?: number;
}
