// From what a transition brings about to a step: armor, fragments, sequence (spec/07, "Steps").
import type { Rejection } from "../errors.ts";
import { armor } from "../wire/armor.ts";
import { fragmentMessage } from "../wire/fragment.ts";
import type { Env, SessionEvent, Step } from "./step.ts";
import type { Endpoint } from "./types.ts";

/** A message without armor, and the device it is for (0: all). */
export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly peerTag: number;
}

/** What a transition brings about. */
export interface Outcome {
  readonly endpoint: Endpoint;
  readonly messages: readonly Outgoing[];
  readonly events: readonly SessionEvent[];
  readonly wipe: readonly Uint8Array[];
}

/** Puts messages into armor and, where the carrier demands it, into fragments. Draws one `fragment` a cut message. */
export function toStep(env: Env, { endpoint, messages, events, wipe }: Outcome): Step {
  const send = messages.flatMap(({ bytes, peerTag }) => cut(env, endpoint, armor(bytes), peerTag));
  return { endpoint: { ...endpoint, sequence: endpoint.sequence + 1 }, send, events, wipe };
}

function cut(env: Env, endpoint: Endpoint, text: string, peerTag: number): readonly string[] {
  const { maxMessageChars } = endpoint.policy;
  if (maxMessageChars === 0 || text.length <= maxMessageChars) return [text];
  const random = env.random("fragment", 4);
  const identifier = new DataView(random.buffer, random.byteOffset, 4).getUint32(0);
  return fragmentMessage(text, maxMessageChars, identifier, endpoint.ourTag, peerTag);
}

/** A step that refuses its input: the very same endpoint, an event, perhaps an error message. */
export function refused(
  endpoint: Endpoint,
  rejection: Rejection,
  about: { readonly peerTag?: number; readonly unreadable?: boolean; readonly send?: readonly string[] } = {},
): Step {
  const { code, why } = rejection;
  const event: SessionEvent = {
    type: "rejected",
    code,
    why,
    peerTag: about.peerTag,
    unreadable: about.unreadable ?? false,
  };
  return { endpoint, send: about.send ?? [], events: [event], wipe: [] };
}

/** Two steps as one: the second was taken from where the first arrived. */
export function joined(first: Step, second: Step): Step {
  return {
    endpoint: second.endpoint,
    send: [...first.send, ...second.send],
    events: [...first.events, ...second.events],
    wipe: [...first.wipe, ...second.wipe],
  };
}
