// A step: what comes in with it, what comes out of it (spec/07, "Steps").
import type { Random } from "../crypto/random.ts";
import type { Suite } from "../crypto/suite.ts";
import type { Context } from "../dake/phi.ts";
import type { RejectionCode } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { LocalIdentity } from "../profile/identity.ts";
import type { ErrorNumber } from "../wire/armor.ts";
import type { Tlv } from "../wire/tlv.ts";
import type { Budget } from "./budget.ts";
import type { Endpoint } from "./types.ts";

/** Everything a step takes from outside. */
export interface Env {
  readonly suite: Suite;
  readonly random: Random;
  /** Seconds since 1970. */
  readonly now: number;
  readonly limits: Limits;
  /** Who this device is, with its current profile. */
  readonly identity: LocalIdentity;
  /** Where this step takes place: goes into phi of the handshakes that begin in it. */
  readonly context: Context;
  /** Remembers costly failures between steps; without one there is no rate limit. */
  readonly budget?: Budget;
}

/** The result of a step. A step that refused its input has the very same `endpoint` that went in. */
export interface Step {
  readonly endpoint: Endpoint;
  /** Texts for the peer, in order. Hand them over only after `endpoint` is durable. */
  readonly send: readonly string[];
  readonly events: readonly SessionEvent[];
  /** Secrets that the new endpoint no longer holds: clear them once it is durable ({@link commit} does). */
  readonly wipe: readonly Uint8Array[];
}

export type SessionEvent =
  /** An Identity that waits for our user. Nobody is authenticated yet. */
  | {
      readonly type: "invitation";
      readonly id: string;
      readonly peerTag: number;
      readonly fingerprint: Uint8Array;
      /** We have an offer of our own out: both want to talk. */
      readonly mutual: boolean;
    }
  /** A handshake is complete: the peer holds the key of this fingerprint. */
  | {
      readonly type: "established";
      readonly session: string;
      readonly peerTag: number;
      readonly ssid: Uint8Array;
      readonly role: "initiator" | "responder";
      readonly ourFingerprint: Uint8Array;
      readonly peerFingerprint: Uint8Array;
      /** It took the place of a conversation with the same key. */
      readonly renewed: boolean;
    }
  /** Of two handshakes that were under way at once the other one stays: the session goes on under this SSID. */
  | { readonly type: "switched"; readonly session: string; readonly ssid: Uint8Array }
  /**
   * An authenticated message. `text` may be empty; `late` when it was skipped over before or came in another
   * conversation than the current one.
   */
  | {
      readonly type: "message";
      readonly session: string;
      readonly text: string;
      readonly tlvs: readonly Tlv[];
      readonly ratchetId: number;
      readonly messageId: number;
      readonly late: boolean;
      /** Something after the text could not be read. */
      readonly corrupted: boolean;
    }
  /** An authenticated message that says nothing: the peer is there. */
  | { readonly type: "heartbeat"; readonly session: string }
  /** MAC keys that we revealed, or that came with a message of the peer (which nothing authenticates). */
  | {
      readonly type: "mac-keys-revealed";
      readonly session: string;
      readonly by: "us" | "peer";
      readonly keys: readonly Uint8Array[];
    }
  /** The peer closed; `missing` messages of theirs have not come yet and may still. */
  | { readonly type: "disconnected"; readonly session: string; readonly missing: number }
  /** Nothing more can come in a conversation the peer closed; `missing` messages never came. */
  | { readonly type: "drained"; readonly session: string; readonly missing: number }
  /** We closed, or the session expired: all its keys are gone. */
  | { readonly type: "closed"; readonly session: string; readonly reason: "user" | "expired" }
  /** A handshake of ours or theirs that was not completed in time, or was withdrawn or declined. */
  | { readonly type: "handshake-ended"; readonly kind: "offer" | "invitation" | "answer"; readonly peerTag: number }
  /** An OTR error message. Anyone can send one: it may raise a question, never decide. */
  | { readonly type: "error-message"; readonly code: ErrorNumber | undefined; readonly text: string }
  /** Unencrypted text, a query or a whitespace tag taken off. */
  | { readonly type: "plaintext"; readonly text: string; readonly versions: string | undefined }
  /** Something that was not accepted. The state is as before. */
  | {
      readonly type: "rejected";
      readonly code: RejectionCode;
      readonly why: string;
      readonly peerTag: number | undefined;
      /** It was a data message that its sender expects to be read. */
      readonly unreadable: boolean;
    };
