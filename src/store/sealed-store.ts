// The store over any table of rows: every value sealed, every name hashed, one call at a time (spec/13, "Interface").
import { concat } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import { applyStaged, checkOps, refuseUnreadable, stageOps } from "./batch.ts";
import { openRecord } from "./drawers.ts";
import { setEpoch } from "./epoch.ts";
import { folderPrefix, type Path, parseKey, parsePrefix, recordRow, recordsPrefix } from "./paths.ts";
import type { Damage, Entry, Op, Store, StoreKey } from "./store.ts";
import { freshKeys, statusWrites, type Vault, wipeVault } from "./vault.ts";
import { makeWrapping } from "./wrapping.ts";

const PAGE = 128;

/** Made by `openSealedStore` only. */
export class SealedStore implements Store {
  readonly found: Store["found"];
  readonly #vault: Vault;
  readonly #countCommits: boolean;
  #queue: Promise<unknown> = Promise.resolve();
  #failure: SottovoceError | undefined;
  #closing: Promise<void> | undefined;

  constructor(vault: Vault, found: Store["found"], freshness: "opening" | "commit") {
    this.#vault = vault;
    this.found = found;
    this.#countCommits = freshness === "commit";
  }

  get unreadable(): number {
    return this.#vault.unreadable.size;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const path = parseKey(key);
    return await this.#inTurn(async () => {
      const drawer = this.#vault.drawers.get(path.drawer) ?? refuseUnreadable(this.#vault, path.drawer);
      if (drawer === undefined) return undefined;
      const name = recordRow(recordsPrefix(drawer.row), drawer.naming, path);
      const value = await this.#vault.rows.get(name);
      if (value === undefined) return undefined;
      const content = openRecord(this.#vault.storeId, drawer, { name, value });
      if (content?.rest !== path.rest) throw damagedRecord();
      return content.value;
    });
  }

  async *scan(prefix: string): AsyncIterable<Entry | Damage> {
    const path = parsePrefix(prefix);
    let after: Uint8Array | undefined;
    for (;;) {
      const page = await this.#inTurn(() => this.#page(path, after));
      yield* page.entries;
      after = page.last;
      if (after === undefined) return;
    }
  }

  async drawers(prefix: string = ""): Promise<readonly string[]> {
    return await this.#inTurn(() =>
      Promise.resolve([...this.#vault.drawers.keys()].filter((name) => name.startsWith(prefix))),
    );
  }

  async commit(ops: readonly Op[]): Promise<void> {
    await this.commitSchema(ops, this.#vault.schema);
  }

  /** A commit that also says how many migrations have been done. */
  async commitSchema(ops: readonly Op[], schema: number): Promise<void> {
    const checked = checkOps(ops);
    await this.#inTurn(async () => {
      const vault = this.#vault;
      const staged = await stageOps(vault, checked);
      if (staged.writes.length === 0 && schema === vault.schema) return;
      const status = { schema, commits: vault.commits + (this.#countCommits ? 1n : 0n) };
      const changed = schema !== vault.schema || this.#countCommits;
      await vault.rows.write([...staged.writes, ...(changed ? statusWrites(vault, status) : [])]);
      applyStaged(vault, staged);
      Object.assign(vault, status);
      if (this.#countCommits) {
        await setEpoch(vault.epoch, { making: false, key: vault.epochKey, commits: vault.commits });
      }
      if (checked.some(({ kind }) => kind === "erase" || kind === "renew")) await vault.rows.scrub();
    });
  }

  async rekey(key?: StoreKey): Promise<void> {
    const wrapping = key === undefined ? undefined : await makeWrapping(key);
    await this.#inTurn(() => freshKeys(this.#vault, wrapping ?? this.#vault.wrapping, true));
  }

  close(): Promise<void> {
    this.#closing ??= this.#inTurn(() => freshKeys(this.#vault, this.#vault.wrapping, false))
      // Everything acknowledged is durable; keys that could not be exchanged now are exchanged at the next opening.
      .catch(() => undefined)
      .then(() => this.#vault.rows.close())
      .finally(() => wipeVault(this.#vault));
    return this.#closing;
  }

  /** Calls take effect one after the other. What leaves the medium unknown ends them all. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    const turn = this.#queue.then(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      try {
        return await task();
      } catch (error) {
        if (error instanceof SottovoceError && error.code === "STORE_IO") this.#failure = error;
        throw error;
      }
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** A page of a scan, and where the next one begins. */
  async #page(path: Path, after: Uint8Array | undefined): Promise<{ entries: (Entry | Damage)[]; last?: Uint8Array }> {
    const drawer = this.#vault.drawers.get(path.drawer);
    if (drawer === undefined) {
      refuseUnreadable(this.#vault, path.drawer);
      return { entries: [] };
    }
    const prefix = folderPrefix(recordsPrefix(drawer.row), drawer.naming, path);
    const rows = await this.#vault.rows.list(prefix, after, PAGE);
    const entries = rows.map((row): Entry | Damage => {
      const content = openRecord(this.#vault.storeId, drawer, row);
      if (content === undefined) return { drawer: drawer.name, damaged: damagedRecord() };
      return { key: `${drawer.name}/${content.rest}`, value: content.value };
    });
    const last = rows.length < PAGE ? undefined : rows.at(-1)?.name;
    return last === undefined ? { entries } : { entries, last: concat(last) };
  }
}

function damagedRecord(): SottovoceError {
  return new SottovoceError(
    "STORE_DAMAGED",
    "A record of the store is damaged and does not open any more; the others are untouched. Delete it, or erase its " +
      "drawer.",
  );
}

function closed(): SottovoceError {
  return new SottovoceError("STORE_CLOSED", "This store is closed; nothing was changed. Open it again.");
}
