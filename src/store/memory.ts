// A store in memory: for tests, simulations, and chats that are not to outlive the process (spec/13, "Memory").
import { SottovoceError } from "../errors.ts";
import { openSealedStore } from "./open.ts";
import { locked, type Row, type Rows, type Write, waitForLock } from "./rows.ts";
import { KEY_BYTES, randomBytes } from "./sealing.ts";
import type { Epoch, Store, StoreOptions } from "./store.ts";

export type * from "./store.ts";
export { defaultCost } from "./store.ts";

export interface MemoryStoreOptions extends StoreOptions {
  /** What an earlier store was kept on. Default: an empty one. */
  readonly disk?: MemoryDisk;
}

/**
 * Opens a store in memory; without options one under keys that nobody keeps.
 *
 * @throws SottovoceError as the other stores do: see spec/13, "Opening".
 */
export async function openMemoryStore(options?: MemoryStoreOptions): Promise<Store> {
  const { disk = new MemoryDisk(), ...rest } = options ?? {
    key: randomBytes(KEY_BYTES),
    epoch: createMemoryEpoch(),
  };
  const rows = await waitForLock(() => disk.open(), rest.wait ?? 0);
  return await openSealedStore(rows, rest);
}

/** A host's value that nobody keeps longer than the process. */
export function createMemoryEpoch(value?: Uint8Array): Epoch {
  let kept = value?.slice();
  return {
    get: () => Promise.resolve(kept?.slice()),
    set(next) {
      kept = next.slice();
      return Promise.resolve();
    },
  };
}

/** What a disk is to the other stores: it can be copied, and it outlives a crash. */
export class MemoryDisk {
  /** A character for each byte of a name: they sort as the bytes do. */
  #rows: Map<string, Uint8Array> = new Map();
  #sorted: readonly string[] | undefined;
  #owner: symbol | undefined;

  /** As it is now, open by nobody. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    copy.#rows = new Map(this.#rows);
    return copy;
  }

  /** Ends whoever has it open, as if the process had died: nothing of theirs is written any more. */
  crash(): void {
    this.#owner = undefined;
  }

  /** @internal */
  open(): Promise<Rows> {
    if (this.#owner !== undefined) return Promise.reject(locked());
    const owner = Symbol("owner");
    this.#owner = owner;
    const asOwner = <T>(task: () => T): Promise<T> =>
      this.#owner === owner ? Promise.resolve(task()) : Promise.reject(gone());
    return Promise.resolve({
      get: (name) => asOwner(() => this.#rows.get(toText(name))?.slice()),
      list: (prefix, after, limit) => asOwner(() => this.#list(toText(prefix), after && toText(after), limit)),
      write: (writes) => asOwner(() => this.#write(writes)),
      scrub: () => Promise.resolve(),
      close: () => {
        if (this.#owner === owner) this.#owner = undefined;
        return Promise.resolve();
      },
    });
  }

  #list(prefix: string, after: string | undefined, limit: number): readonly Row[] {
    this.#sorted ??= [...this.#rows.keys()].sort();
    const found: Row[] = [];
    for (let i = firstPast(this.#sorted, prefix, after); i < this.#sorted.length && found.length < limit; i++) {
      const name = this.#sorted[i] as string;
      if (!name.startsWith(prefix)) break;
      found.push({ name: toBytes(name), value: (this.#rows.get(name) as Uint8Array).slice() });
    }
    return found;
  }

  #write(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.kind === "clear") {
        const prefix = toText(write.prefix);
        for (const name of this.#rows.keys()) if (name.startsWith(prefix)) this.#rows.delete(name);
        this.#sorted = undefined;
        continue;
      }
      const name = toText(write.name);
      if (this.#rows.has(name) !== (write.kind === "put")) this.#sorted = undefined;
      if (write.kind === "put") this.#rows.set(name, write.value.slice());
      else this.#rows.delete(name);
    }
  }
}

/** The index of the first name that is not before `prefix` and comes after `after`. */
function firstPast(names: readonly string[], prefix: string, after: string | undefined): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const name = names[middle] as string;
    if (name < prefix || (after !== undefined && name <= after)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function toText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function gone(): SottovoceError {
  return new SottovoceError("STORE_IO", "The process that had this disk has crashed; nothing was changed.");
}
