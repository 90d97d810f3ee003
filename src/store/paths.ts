// Keys of records: their parts, and the names of rows that tell nothing of them (spec/13, "Rows").
import { concat, utf8 } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import { nameHash } from "./sealing.ts";

/** What the first byte of a row's name says it is. The header is kept twice. */
export const rowKind = { header: 0x00, drawer: 0x01, record: 0x02, headerCopy: 0x03 } as const;

/** What a hashed name is the name of. */
const hashed = { drawer: 0x00, folder: 0x01, record: 0x02 } as const;

const MAX_KEY_BYTES = 512;
const MAX_SEGMENTS = 8;
const DRAWER_ID_BYTES = 16;
const FOLDER_HASH_BYTES = 8;
const RECORD_HASH_BYTES = 16;

/** A key, or a prefix of keys, taken apart. */
export interface Path {
  readonly drawer: string;
  /** What follows the drawer: `folder/name`; of a prefix `folder/`, or nothing. */
  readonly rest: string;
  /** The folders it is in, from the outermost, each with all before it: `a/`, `a/b/`. */
  readonly folders: readonly string[];
}

/** @throws SottovoceError `BAD_ARGUMENT`. */
export function parseKey(key: string): Path {
  const segments = splitPath(key);
  if (segments.length < 2) throw badPath("A key needs a drawer and a name, drawer/name");
  return pathOf(segments, segments.length - 1);
}

/** @throws SottovoceError `BAD_ARGUMENT`. */
export function parsePrefix(prefix: string): Path {
  if (!prefix.endsWith("/")) throw badPath("A prefix ends in a slash");
  const segments = splitPath(prefix.slice(0, -1));
  return pathOf(segments, segments.length);
}

/** @throws SottovoceError `BAD_ARGUMENT` when this is not one segment. */
export function checkDrawer(drawer: string): void {
  if (splitPath(drawer).length !== 1) throw badPath("The name of a drawer is one segment");
}

/** Where a drawer's key is: 1 ‖ hash (16 bytes). */
export function drawerRow(naming: Uint8Array, drawer: string): Uint8Array {
  return concat(Uint8Array.of(rowKind.drawer), nameHash(naming, hashed.drawer, drawer, DRAWER_ID_BYTES));
}

/** What the rows of a drawer's records begin with: 2 ‖ the hash of the drawer. */
export function recordsPrefix(row: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(rowKind.record), row.subarray(1));
}

/** What the rows in the folders of a path begin with: prefix of the drawer ‖ hash of each folder (8 bytes each). */
export function folderPrefix(prefix: Uint8Array, naming: Uint8Array, path: Path): Uint8Array {
  const folders = path.folders.map((folder) => nameHash(naming, hashed.folder, folder, FOLDER_HASH_BYTES));
  return concat(prefix, ...folders);
}

/** Where a record is: prefix of its folders ‖ hash of its whole name within the drawer (16 bytes). */
export function recordRow(prefix: Uint8Array, naming: Uint8Array, path: Path): Uint8Array {
  const name = nameHash(naming, hashed.record, path.rest, RECORD_HASH_BYTES);
  return concat(folderPrefix(prefix, naming, path), name);
}

function splitPath(path: string): readonly string[] {
  if (typeof path !== "string" || path === "") throw badPath("A key is a string of segments with slashes between");
  // Halves of a surrogate pair would all become the same bytes.
  if (/\p{Surrogate}/u.test(path)) throw badPath("A key is well-formed Unicode");
  if (utf8(path).length > MAX_KEY_BYTES) throw badPath(`A key has at most ${MAX_KEY_BYTES} bytes of UTF-8`);
  const segments = path.split("/");
  if (segments.length > MAX_SEGMENTS) throw badPath(`A key has at most ${MAX_SEGMENTS} segments`);
  if (segments.includes("")) throw badPath("No segment of a key is empty");
  return segments;
}

function pathOf([drawer = "", ...rest]: readonly string[], depth: number): Path {
  const folders = rest.slice(0, depth - 1).map((_, i) => `${rest.slice(0, i + 1).join("/")}/`);
  const closed = folders.length === rest.length && rest.length > 0;
  return { drawer, rest: rest.join("/") + (closed ? "/" : ""), folders };
}

/** The message does not repeat the path: it may hold an address, and messages end in logs. */
function badPath(why: string): SottovoceError {
  return new SottovoceError("BAD_ARGUMENT", `${why}; nothing was changed.`);
}
