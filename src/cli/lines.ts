// Lines of a byte stream, bounded: an over-long or ill-encoded line is an answer, not the end (spec/12, "peer").
import { concat } from "../bytes.ts";

/** One line without its end, or what is wrong with it. */
export type Line =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "too-long" }
  | { readonly kind: "not-utf8" };

const NEWLINE = 0x0a;
const TOO_LONG: Line = { kind: "too-long" };

/**
 * Splits at line feeds; the last line needs none. No more than `maxBytes` of a line, and the chunk that came last, are
 * held; the rest of a longer one is passed over.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line, void, void> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield length + end - start > maxBytes ? TOO_LONG : decode(concat(...held, chunk.subarray(start, end)));
      held = [];
      length = 0;
      start = end + 1;
    }
    length += chunk.length - start;
    if (length > maxBytes) held = [];
    else if (start < chunk.length) held.push(chunk.slice(start));
  }
  if (length > 0) yield length > maxBytes ? TOO_LONG : decode(concat(...held));
}

function decode(bytes: Uint8Array): Line {
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { kind: "not-utf8" };
  }
}
