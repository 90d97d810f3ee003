// Fragments: one OTR message in pieces (spec/03, "Fragments"; draft "Fragmentation").
import { accept, type Result, reject, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { MIN_TAG } from "./header.ts";

export interface Fragment {
  /** Unsigned 32-bit, the same for every piece of a message. */
  readonly identifier: number;
  readonly senderTag: number;
  /** 0: any device of the receiver. */
  readonly receiverTag: number;
  /** 1 to `total`. */
  readonly index: number;
  /** 1 to 65535. */
  readonly total: number;
  readonly piece: string;
}

/** Characters that a fragment spends around its piece. */
export const FRAGMENT_OVERHEAD = 45;

const MAX_FRAGMENTS = 65535;

const LAYOUT = /^\?OTR\|([0-9a-fA-F]{1,8})\|([0-9a-fA-F]{1,8})\|([0-9a-fA-F]{1,8}),([0-9]{1,5}),([0-9]{1,5}),([^,]+),$/;
const VERSION_3_LAYOUT = /^\?OTR\|[0-9a-fA-F]{1,8}\|[0-9a-fA-F]{1,8},[0-9]{1,5},[0-9]{1,5},/;

/**
 * Parses `?OTR|identifier|sender|receiver,index,total,piece,`. Fewer digits than we write are accepted, more are not.
 *
 * Rejections: MALFORMED, TOO_LARGE, UNSUPPORTED_VERSION (the form of OTRv3, without identifier), WRONG_TAG.
 */
export function parseFragment(text: string, limits: Limits): Result<Fragment> {
  if (text.length > limits.messageChars) return reject("TOO_LARGE", `A fragment of ${text.length} characters.`);
  const match = LAYOUT.exec(text);
  if (match === null) {
    return VERSION_3_LAYOUT.test(text)
      ? reject("UNSUPPORTED_VERSION", "A fragment in the form of OTRv3.")
      : reject("MALFORMED", "Not the layout of a fragment.");
  }
  const [, identifier, sender, receiver, indexText, totalText, piece] = match as unknown as Captures;
  const senderTag = Number.parseInt(sender, 16);
  const receiverTag = Number.parseInt(receiver, 16);
  const index = Number(indexText);
  const total = Number(totalText);
  if (index === 0 || index > total || total > MAX_FRAGMENTS) {
    return reject("MALFORMED", `Fragment ${index} of ${total} cannot be.`);
  }
  if (senderTag < MIN_TAG || (receiverTag < MIN_TAG && receiverTag !== 0)) {
    return reject("WRONG_TAG", "A fragment with an instance tag below 0x100.");
  }
  return accept({ identifier: Number.parseInt(identifier, 16), senderTag, receiverTag, index, total, piece });
}

type Captures = readonly [string, string, string, string, string, string, string];

/**
 * Cuts a message in armor into fragments of at most `maxChars` characters each, every one but the last full. A message
 * that fits is returned whole, as the only element.
 *
 * @throws SottovoceError `BAD_ARGUMENT` when `maxChars` leaves no room for a piece, `TOO_LARGE` when more than 65535
 *   fragments would be needed.
 */
export function fragmentMessage(
  text: string,
  maxChars: number,
  identifier: number,
  senderTag: number,
  receiverTag: number,
): string[] {
  if (text.length <= maxChars) return [text];
  const pieceChars = Math.floor(maxChars) - FRAGMENT_OVERHEAD;
  if (!(pieceChars >= 1)) {
    throw new SottovoceError(
      "BAD_ARGUMENT",
      `${maxChars} characters cannot hold a fragment; the least is ${FRAGMENT_OVERHEAD + 1}. Nothing was sent.`,
    );
  }
  const total = Math.ceil(text.length / pieceChars);
  if (total > MAX_FRAGMENTS) {
    throw new SottovoceError(
      "TOO_LARGE",
      `The message needs ${total} fragments; at most 65535 may be. Nothing was sent.`,
    );
  }
  const prefix = `?OTR|${hex8(identifier)}|${hex8(senderTag)}|${hex8(receiverTag)}`;
  const count = decimal5(total);
  return Array.from({ length: total }, (_, i) => {
    const piece = text.slice(i * pieceChars, (i + 1) * pieceChars);
    return `${prefix},${decimal5(i + 1)},${count},${piece},`;
  });
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function decimal5(value: number): string {
  return value.toString().padStart(5, "0");
}
