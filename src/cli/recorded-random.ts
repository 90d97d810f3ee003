// The random source of a replay: recorded values, given back when the command that drew them failed (spec/12, "peer").
import { fromHex } from "../bytes.ts";
import type { Random, RandomKind } from "../crypto/random.ts";
import { accept, type Result, reject, SottovoceError } from "../errors.ts";
import { parseObject } from "./json.ts";

/** A source whose draws can be undone. */
export interface RewindableRandom {
  readonly random: Random;
  /** What was drawn so far stays drawn. */
  keep(): void;
  /** Takes back what was drawn since the last {@link RewindableRandom.keep}. */
  rewind(): void;
}

export type RecordedValues = Readonly<Record<RecordedKind, readonly Uint8Array[]>>;

const RECORDED_KINDS = ["ecdh", "dh", "zq", "fragment"] as const;
type RecordedKind = (typeof RECORDED_KINDS)[number];

/** Reads `{"ecdh":[hex],"dh":[hex],"zq":[hex],"fragment":[hex]}`; a missing kind is an empty one. */
export function parseRecordedValues(json: string): Result<RecordedValues> {
  const parsed = parseObject(json);
  if (parsed === undefined) return reject("MALFORMED", "it is not a JSON object");
  const values: Record<RecordedKind, Uint8Array[]> = { ecdh: [], dh: [], zq: [], fragment: [] };
  for (const [kind, list] of Object.entries(parsed)) {
    if (!isRecordedKind(kind)) return reject("MALFORMED", `there is no kind "${kind}" (but ecdh, dh, zq and fragment)`);
    if (!Array.isArray(list)) return reject("MALFORMED", `"${kind}" is not a list`);
    for (const entry of list) {
      const bytes = typeof entry === "string" ? fromHex(entry) : undefined;
      if (bytes === undefined) return reject("MALFORMED", `"${kind}" has an entry that is not hexadecimal`);
      values[kind].push(bytes);
    }
  }
  return accept(values);
}

/**
 * Hands out the values, each kind in its own order, to be used as the recorded peer used them. Throws SottovoceError
 * `RANDOM_EXHAUSTED` when a kind runs out.
 */
export function recordedRandom(values: RecordedValues): RewindableRandom {
  let kept: ReadonlyMap<RandomKind, number> = new Map();
  let taken = new Map<RandomKind, number>();
  const next = (kind: RandomKind, size: number): Uint8Array => {
    const index = taken.get(kind) ?? 0;
    const value = isRecordedKind(kind) ? values[kind][index] : undefined;
    if (value === undefined || value.length !== size) {
      throw new SottovoceError(
        "RANDOM_EXHAUSTED",
        value === undefined
          ? `The recorded random values hold no number ${index + 1} of kind "${kind}".`
          : `The recorded random value number ${index + 1} of kind "${kind}" has ${value.length} bytes, not ${size}.`,
      );
    }
    taken.set(kind, index + 1);
    return value.slice();
  };
  return {
    random: Object.assign(next, { prunesZq: true }),
    keep: () => {
      kept = new Map(taken);
    },
    rewind: () => {
      taken = new Map(kept);
    },
  };
}

/** A source that never repeats has nothing to take back. */
export function freshRandom(random: Random): RewindableRandom {
  return { random, keep: () => {}, rewind: () => {} };
}

function isRecordedKind(kind: string): kind is RecordedKind {
  return (RECORDED_KINDS as readonly string[]).includes(kind);
}
