// What a judge checks of Identity, Auth-R and Auth-I (spec/10, "The verifier").
import { equalBytes } from "../bytes.ts";
import { ringVerify } from "../crypto/ring-signature.ts";
import type { Suite } from "../crypto/suite.ts";
import { checkKeys } from "../dake/check.ts";
import { contributionOf, handshakeSecret } from "../dake/ephemeral.ts";
import type { MixedSecret } from "../dake/secret.ts";
import { authIRing, authITranscript, authRRing, authRTranscript, partiesAsBob } from "../dake/transcript.ts";
import { accept, type Rejection, type Result, reject } from "../errors.ts";
import type { AuthIMessage } from "../wire/auth-i-message.ts";
import type { AuthRMessage } from "../wire/auth-r-message.ts";
import type { IdentityMessage } from "../wire/identity-message.ts";
import type { Message } from "../wire/messages.ts";
import { type Entry, inMessage } from "./entry.ts";
import type { Keyring } from "./secrets.ts";
import { contextOf, otherRole, type Role, type Setting } from "./setting.ts";

/** The three messages of a handshake that verifies. */
export interface JudgedHandshake {
  readonly identity: IdentityMessage;
  readonly authR: AuthRMessage;
}

/** Verifies the first three messages of a transcript. */
export function verifyHandshake(
  suite: Suite,
  setting: Setting,
  entries: readonly Entry[],
  now: number,
): Result<JudgedHandshake> {
  const [first, second, third] = entries;
  if (!isKind(first, "identity") || !isKind(second, "auth-r") || !isKind(third, "auth-i")) {
    return reject("UNEXPECTED", "the transcript does not begin with Identity, Auth-R and Auth-I");
  }
  const [identity, authR, authI] = [first.message, second.message, third.message];
  const checks: [Entry, () => Rejection | undefined][] = [
    [first, () => checkSide(suite, setting, "initiator", identity, now)],
    [second, () => checkSide(suite, setting, "responder", authR, now)],
    [second, () => checkAuthR(suite, setting, identity, authR)],
    [third, () => checkTags(setting, "initiator", authI) ?? checkAuthI(suite, setting, identity, authR, authI)],
  ];
  for (const [{ index }, check] of checks) {
    const failure = check();
    if (failure !== undefined) return inMessage(index, failure);
  }
  return accept({ identity, authR });
}

/** K, from the secrets of either side; `undefined` when they are of another handshake. */
export function secretOf(
  suite: Suite,
  { identity, authR }: JudgedHandshake,
  keyring: Keyring,
): MixedSecret | undefined {
  for (const [ours, theirs] of [
    [identity, authR],
    [authR, identity],
  ] as const) {
    const ecdh = keyring.ecdh(ours.ecdh);
    const dh = keyring.dh(ours.dh);
    if (ecdh === undefined || dh === undefined) continue;
    const keys = { ecdh: { secret: ecdh, public: ours.ecdh }, dh: { secret: dh, public: ours.dh } };
    return handshakeSecret(suite, keys, theirs);
  }
  return undefined;
}

/** Whether the message goes from the device in this role to the other one. */
export function checkTags(setting: Setting, from: Role, message: Message): Rejection | undefined {
  // Decoders let an Identity only have the tag of all devices.
  const toAll = message.receiverTag === 0;
  const right =
    message.senderTag === setting[from].instanceTag &&
    (toAll || message.receiverTag === setting[otherRole(from)].instanceTag);
  return right ? undefined : reject("WRONG_TAG", "the instance tags are not those of the two profiles");
}

function isKind<K extends Message["kind"]>(
  entry: Entry | undefined,
  kind: K,
): entry is Entry & { readonly message: Extract<Message, { kind: K }> } {
  return entry?.message.kind === kind;
}

/** Tags, keys and profile. A renewed profile passes: tag and keys are those of the one in hand. */
function checkSide(
  suite: Suite,
  setting: Setting,
  role: Role,
  message: IdentityMessage | AuthRMessage,
  now: number,
): Rejection | undefined {
  const { publicKey, forgingKey } = setting[role];
  if (!equalBytes(message.profile.publicKey, publicKey) || !equalBytes(message.profile.forgingKey, forgingKey)) {
    return reject("BAD_PROFILE", "the message shows another profile than the one in hand");
  }
  const misrouted = checkTags(setting, role, message);
  if (misrouted !== undefined) return misrouted;
  const checked = checkKeys(suite, message, setting[otherRole(role)], { now });
  return checked.ok ? undefined : checked;
}

function checkAuthR(
  suite: Suite,
  setting: Setting,
  identity: IdentityMessage,
  authR: AuthRMessage,
): Rejection | undefined {
  const parties = partiesAsBob(contextOf(setting, "initiator"), contributionOf(identity), contributionOf(authR));
  return ringVerify(suite, authRRing(identity, authR), authR.ringSignature, authRTranscript(suite, parties))
    ? undefined
    : reject("BAD_SIGNATURE", "the ring signature of Auth-R does not verify");
}

function checkAuthI(
  suite: Suite,
  setting: Setting,
  identity: IdentityMessage,
  authR: AuthRMessage,
  authI: AuthIMessage,
): Rejection | undefined {
  const parties = partiesAsBob(contextOf(setting, "initiator"), contributionOf(identity), contributionOf(authR));
  return ringVerify(suite, authIRing(identity, authR), authI.ringSignature, authITranscript(suite, parties))
    ? undefined
    : reject("BAD_SIGNATURE", "the ring signature of Auth-I does not verify");
}
