// A batch: the ops of one commit, in order, as the rows to write (spec/13, "Commits").
import { fromHex, toHex, wipe } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import { type Drawer, encodeContent, makeDrawer, openRecord, sealDrawer, sealRecord } from "./drawers.ts";
import { checkDrawer, drawerRow, type Path, parseKey, recordRow, recordsPrefix } from "./paths.ts";
import type { Write } from "./rows.ts";
import { KEY_BYTES, randomBytes } from "./sealing.ts";
import type { Op } from "./store.ts";
import type { Vault } from "./vault.ts";

/** An op that can be done. Values are copied, so the caller may wipe its own as soon as it has called. */
export type CheckedOp =
  | { readonly kind: "put"; readonly path: Path; readonly content: Uint8Array }
  | { readonly kind: "delete"; readonly path: Path }
  | { readonly kind: "erase" | "renew"; readonly drawer: string };

/** What to write, and what the vault is to know once it is written. */
export interface Staged {
  readonly writes: readonly Write[];
  /** Drawers made and renewed; `undefined` for those erased. */
  readonly drawers: ReadonlyMap<string, Drawer | undefined>;
}

const PAGE = 256;

/** @throws SottovoceError `BAD_ARGUMENT`. */
export function checkOps(ops: readonly Op[]): readonly CheckedOp[] {
  return ops.map((op) => {
    switch (op.kind) {
      case "put": {
        const path = parseKey(op.key);
        if (!(op.value instanceof Uint8Array)) throw badOp("The value of a record is a Uint8Array");
        return { kind: "put", path, content: encodeContent({ rest: path.rest, value: op.value }) };
      }
      case "delete":
        return { kind: "delete", path: parseKey(op.key) };
      case "erase":
      case "renew":
        checkDrawer(op.drawer);
        return { kind: op.kind, drawer: op.drawer };
      default:
        throw badOp("A commit puts, deletes, erases and renews");
    }
  });
}

/** @throws SottovoceError `STORE_DAMAGED` when something other than `erase` is asked of a drawer that does not open. */
export async function stageOps(vault: Vault, ops: readonly CheckedOp[]): Promise<Staged> {
  const drawers = new Map<string, Drawer | undefined>();
  const erased = new Map<string, Uint8Array>();
  /** By the row's name in hexadecimal; without content: to be deleted. */
  const records = new Map<string, { readonly drawer: string; readonly content: Uint8Array | undefined }>();

  const find = (name: string): Drawer | undefined =>
    drawers.has(name) ? drawers.get(name) : (vault.drawers.get(name) ?? refuseUnreadable(vault, name));
  const setRecord = (drawer: Drawer, path: Path, content: Uint8Array | undefined): void => {
    const row = recordRow(recordsPrefix(drawer.row), drawer.naming, path);
    records.set(toHex(row), { drawer: drawer.name, content });
  };
  const renew = async (drawer: Drawer): Promise<void> => {
    const before = erased.has(drawer.name) ? undefined : vault.drawers.get(drawer.name);
    drawers.set(drawer.name, { ...drawer, sealing: randomBytes(KEY_BYTES) });
    if (before === undefined) return;
    for await (const row of rowsOf(vault, before)) {
      const content = openRecord(vault.storeId, before, row);
      // What is damaged stays, and stays damaged.
      if (content === undefined || records.has(toHex(row.name))) continue;
      records.set(toHex(row.name), { drawer: drawer.name, content: encodeContent(content) });
      wipe(content.value);
    }
  };

  for (const op of ops) {
    if (op.kind === "put" || op.kind === "delete") {
      let drawer = find(op.path.drawer);
      if (drawer === undefined && op.kind === "put") {
        drawer = makeDrawer(vault.roots, op.path.drawer);
        drawers.set(drawer.name, drawer);
      }
      if (drawer !== undefined) setRecord(drawer, op.path, op.kind === "put" ? op.content : undefined);
    } else if (op.kind === "erase") {
      for (const [row, record] of records) if (record.drawer === op.drawer) records.delete(row);
      erased.set(op.drawer, drawerRow(vault.roots.naming, op.drawer));
      drawers.set(op.drawer, undefined);
    } else {
      const drawer = find(op.drawer);
      if (drawer !== undefined) await renew(drawer);
    }
  }

  const writes: Write[] = [];
  for (const row of erased.values()) {
    writes.push({ kind: "delete", name: row }, { kind: "clear", prefix: recordsPrefix(row) });
  }
  for (const drawer of drawers.values()) {
    if (drawer === undefined) continue;
    writes.push({ kind: "put", name: drawer.row, value: sealDrawer(vault.storeId, vault.roots, drawer) });
  }
  for (const [hex, { drawer: name, content }] of records) {
    const row = fromHex(hex) as Uint8Array;
    const drawer = find(name);
    if (content === undefined || drawer === undefined) writes.push({ kind: "delete", name: row });
    else writes.push({ kind: "put", name: row, value: sealRecord(vault.storeId, drawer, row, content) });
    if (content !== undefined) wipe(content);
  }
  return { writes, drawers };
}

/** Makes the vault know what was written. */
export function applyStaged(vault: Vault, staged: Staged): void {
  for (const [name, drawer] of staged.drawers) {
    const before = vault.drawers.get(name);
    if (before !== undefined && before.sealing !== drawer?.sealing) wipe(before.sealing);
    if (drawer === undefined) vault.drawers.delete(name);
    else vault.drawers.set(name, drawer);
    if (before === undefined) vault.unreadable.delete(toHex(drawerRow(vault.roots.naming, name)));
  }
}

/** @throws SottovoceError `STORE_DAMAGED` when the drawer is there but does not open. */
export function refuseUnreadable(vault: Vault, drawer: string): undefined {
  if (vault.unreadable.size === 0 || !vault.unreadable.has(toHex(drawerRow(vault.roots.naming, drawer)))) return;
  throw new SottovoceError(
    "STORE_DAMAGED",
    "The key of this drawer is damaged, and nothing in it opens any more; other drawers are untouched. Erase it.",
  );
}

async function* rowsOf(vault: Vault, drawer: Drawer): AsyncIterable<{ name: Uint8Array; value: Uint8Array }> {
  const prefix = recordsPrefix(drawer.row);
  let after: Uint8Array | undefined;
  for (;;) {
    const page = await vault.rows.list(prefix, after, PAGE);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.name;
  }
}

function badOp(why: string): SottovoceError {
  return new SottovoceError("BAD_ARGUMENT", `${why}; nothing was changed.`);
}
