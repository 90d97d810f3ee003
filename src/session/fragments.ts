// Reassembly of fragments, out of order and interleaved, within limits (spec/07, "Reassembly"; draft "Receiving
// Fragments").
import { accept, type Result, reject } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Fragment } from "../wire/fragment.ts";
import type { Reassembly } from "./types.ts";

export interface Collected {
  readonly fragments: readonly Reassembly[];
  /** The whole message, when this fragment was the last one missing. */
  readonly complete: string | undefined;
}

/**
 * Adds a fragment to its message, which identifier, sender tag and total name together: a forged fragment with another
 * total, on which the draft forgets the message, disturbs nothing here. A second fragment for the same place is
 * rejected (`DUPLICATE`); what exceeds the limits is refused (`FULL`, `TOO_LARGE`) and what was collected stays.
 */
export function collect(
  fragments: readonly Reassembly[],
  fragment: Fragment,
  now: number,
  limits: Limits,
): Result<Collected> {
  if (fragment.total > limits.fragmentsPerMessage) return reject("TOO_LARGE", "a message in too many fragments");
  if (fragment.total === 1) return accept({ fragments, complete: fragment.piece });
  const alive = expireFragments(fragments, now, limits);
  const index = alive.findIndex(
    (entry) =>
      entry.identifier === fragment.identifier &&
      entry.senderTag === fragment.senderTag &&
      entry.total === fragment.total,
  );
  const known = alive[index];
  if (known?.pieces.has(fragment.index)) return reject("DUPLICATE", "this fragment came before");
  if (known === undefined && alive.length >= limits.fragmentBuffers) {
    return reject("FULL", "too many fragmented messages at once");
  }
  const chars = (known?.chars ?? 0) + fragment.piece.length;
  const held = alive.reduce(
    (sum, entry) => sum + weight(entry.chars, entry.pieces.size),
    weight(fragment.piece.length, 1),
  );
  if (chars > limits.messageChars) return reject("TOO_LARGE", "the fragments exceed the largest message");
  if (held > limits.fragmentChars) return reject("FULL", "too much text in unfinished fragments");

  const pieces = new Map(known?.pieces).set(fragment.index, fragment.piece);
  if (pieces.size === fragment.total) {
    return accept({ fragments: alive.filter((_, i) => i !== index), complete: join(pieces, fragment.total) });
  }
  const { identifier, senderTag, total } = fragment;
  const entry = { identifier, senderTag, total, pieces, chars, startedAt: known?.startedAt ?? now };
  return accept({
    fragments: known === undefined ? [...alive, entry] : alive.map((other, i) => (i === index ? entry : other)),
    complete: undefined,
  });
}

/** Drops messages whose fragments did not come in time: the very same list when there are none. */
export function expireFragments(fragments: readonly Reassembly[], now: number, limits: Limits): readonly Reassembly[] {
  const alive = fragments.filter((entry) => now - entry.startedAt < limits.fragmentSeconds);
  return alive.length === fragments.length ? fragments : alive;
}

/** What keeping pieces costs, in characters: the smallest ones would otherwise be many. */
function weight(chars: number, pieces: number): number {
  return chars + 64 * pieces;
}

function join(pieces: ReadonlyMap<number, string>, total: number): string {
  let text = "";
  for (let index = 1; index <= total; index++) text += pieces.get(index) ?? "";
  return text;
}
