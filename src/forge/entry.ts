// Entries of a transcript: its texts, decoded (spec/10, "The verifier").
import { accept, type Rejection, type Result, reject } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { collect } from "../session/fragments.ts";
import type { Reassembly } from "../session/types.ts";
import { parseIncoming } from "../wire/armor.ts";
import { decodeMessage, type Message } from "../wire/messages.ts";

/** An OTR message and where it stands in the transcript. */
export interface Entry {
  readonly index: number;
  readonly message: Message;
}

/** The same rejection, with the number of the message. */
export function inMessage(index: number, { code, why }: Rejection): Rejection {
  return reject(code, `message ${index}: ${why}`);
}

export interface Entries {
  readonly entries: readonly Entry[];
  /** How many texts are no OTR messages. */
  readonly unverifiable: number;
}

/** Takes off armor and puts fragments together. */
export function readEntries(texts: readonly string[], now: number, limits: Limits): Result<Entries> {
  const entries: Entry[] = [];
  let fragments: readonly Reassembly[] = [];
  let unverifiable = 0;
  for (const [index, text] of texts.entries()) {
    let incoming = parseIncoming(text, limits);
    if (incoming.ok && incoming.value.kind === "fragment") {
      const collected = collect(fragments, incoming.value.fragment, now, limits);
      if (!collected.ok) return inMessage(index, collected);
      fragments = collected.value.fragments;
      if (collected.value.complete === undefined) continue;
      incoming = parseIncoming(collected.value.complete, limits);
    }
    if (!incoming.ok) return inMessage(index, incoming);
    if (incoming.value.kind !== "message") {
      unverifiable++;
      continue;
    }
    const message = decodeMessage(incoming.value.bytes, limits);
    if (!message.ok) return inMessage(index, message);
    entries.push({ index, message: message.value });
  }
  return accept({ entries, unverifiable });
}
