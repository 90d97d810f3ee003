// One side of a secret chat: endpoint, sealer and carrier put together, in memory only (spec/12, "One side of a chat").
import { toHex } from "../bytes.ts";
import type { Carrier, Delivery, PeerId } from "../carrier/carrier.ts";
import type { Random } from "../crypto/random.ts";
import type { Suite } from "../crypto/suite.ts";
import { type Rejection, type Result, reject, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { type Attested, readAttested } from "../openpgp/attest.ts";
import { attestedContext } from "../openpgp/context.ts";
import { CHAT_ID_BYTES, decodeEnvelope, type Envelope, encodeEnvelope } from "../openpgp/envelope.ts";
import { type OpenPgpKey, readPublicKey } from "../openpgp/keys.ts";
import type { Sealer } from "../openpgp/sealer.ts";
import { fingerprint } from "../profile/fingerprint.ts";
import type { LocalIdentity } from "../profile/identity.ts";
import { acceptInvitation, close, closeAll, createEndpoint, send, start } from "../session/actions.ts";
import { type Budget, createBudget } from "../session/budget.ts";
import { commit } from "../session/commit.ts";
import { receive } from "../session/receive.ts";
import type { Env, SessionEvent, Step } from "../session/step.ts";
import type { Endpoint } from "../session/types.ts";

/** This device of our account, and the contact we talk with. */
export interface SideOptions {
  readonly suite: Suite;
  readonly limits: Limits;
  readonly random: Random;
  /** Seconds since 1970. */
  readonly clock: () => number;
  readonly identity: LocalIdentity;
  readonly sealer: Sealer;
  readonly carrier: Carrier;
  readonly peer: PeerId;
  /** Names for the carrier. */
  readonly newId: () => string;
  readonly tell: (event: SideEvent) => void;
}

/** What a chat list would show. */
export type ChatState = "none" | "inviting" | "invited" | "joining" | "active" | "closed";

export type SideEvent =
  | { readonly type: "state"; readonly state: ChatState }
  /** Handed to the carrier, encrypted and not signed. */
  | { readonly type: "sent"; readonly id: string; readonly bytes: Uint8Array; readonly envelope: Envelope }
  /** An attestation was verified against the pinned OpenPGP key of the contact. */
  | { readonly type: "attested"; readonly attested: Attested }
  | { readonly type: "opened"; readonly envelope: Envelope }
  | { readonly type: "session"; readonly event: SessionEvent }
  /** Something that came was not accepted; the chat is as before. */
  | { readonly type: "refused"; readonly rejection: Rejection };

export interface Side {
  readonly state: ChatState;
  readonly endpoint: Endpoint;
  readonly chatId: Uint8Array;
  /** The contact's OpenPGP key, pinned. */
  readonly peerKey: OpenPgpKey;
  /** The contact's device, once its attestation was verified. */
  readonly attested: Attested | undefined;
  /** "Start secret chat". */
  invite(): Promise<void>;
  accept(): Promise<void>;
  say(text: string): Promise<void>;
  close(): Promise<void>;
  /** A message that the carrier delivered. What it gets wrong is told, never thrown. */
  take(delivery: Delivery): Promise<void>;
}

type Kind = "invitation" | "acceptance" | "message";

/**
 * Pins the contact's OpenPGP key and attests our own device.
 *
 * @throws SottovoceError `OPENPGP_KEY` when the contact's key is unusable or our own, `NOT_FOUND` without a contact.
 */
export async function createSide(options: SideOptions): Promise<Side> {
  const { carrier, identity, limits, sealer } = options;
  const contact = await carrier.contact(options.peer);
  const peerKey = await readPublicKey(contact.openpgpKey, limits);
  if (!peerKey.ok) throw new SottovoceError("OPENPGP_KEY", peerKey.why);
  if (toHex(peerKey.value.id) === toHex(sealer.ownKey.id)) {
    throw new SottovoceError("OPENPGP_KEY", "The contact's OpenPGP key is our own; no chat was made.");
  }
  const attestation = await sealer.attest(identity.profile, identity.longTermKey);
  return new OneSide(options, peerKey.value, attestation, createBudget(limits));
}

class OneSide implements Side {
  readonly peerKey: OpenPgpKey;
  state: ChatState = "none";
  endpoint: Endpoint;
  chatId: Uint8Array = new Uint8Array(CHAT_ID_BYTES);
  attested: Attested | undefined;
  readonly #options: SideOptions;
  readonly #attestation: Uint8Array;
  readonly #budget: Budget;
  /** One thing at a time: what follows starts when this is over. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(options: SideOptions, peerKey: OpenPgpKey, attestation: Uint8Array, budget: Budget) {
    this.#options = options;
    this.peerKey = peerKey;
    this.#attestation = attestation;
    this.#budget = budget;
    this.endpoint = createEndpoint(options.identity.instanceTag);
  }

  invite(): Promise<void> {
    return this.#inTurn(async () => {
      this.#demand("none", "closed");
      await this.#leave();
      this.#begin(this.#options.random("id", CHAT_ID_BYTES));
      await this.#perform(start(this.endpoint, this.#env()), "inviting", "invitation");
    });
  }

  accept(): Promise<void> {
    return this.#inTurn(async () => {
      this.#demand("invited");
      const id = this.endpoint.invitations[0]?.id ?? "";
      await this.#perform(acceptInvitation(this.endpoint, id, this.#env()), "joining", "acceptance");
    });
  }

  say(text: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#demand("active");
      await this.#perform(send(this.endpoint, this.#session(), { text }, this.#env()));
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#demand("active");
      await this.#perform(close(this.endpoint, this.#session(), this.#env()), "closed");
    });
  }

  take(delivery: Delivery): Promise<void> {
    return this.#inTurn(async () => {
      const done = await this.#open(delivery.bytes);
      if (!done.ok) this.#options.tell({ type: "refused", rejection: done });
    });
  }

  async #open(bytes: Uint8Array): Promise<Result<void>> {
    const { sealer, limits, tell } = this.#options;
    const opened = await sealer.open(bytes);
    if (!opened.ok) return opened;
    const envelope = decodeEnvelope(opened.value, limits);
    if (!envelope.ok) return envelope;
    tell({ type: "opened", envelope: envelope.value });
    switch (envelope.value.kind) {
      case "invitation":
        return await this.#invitation(envelope.value);
      case "acceptance":
        return await this.#acceptance(envelope.value);
      case "message":
        if (!this.#isOurs(envelope.value)) return reject("NO_KEY", "a message of another secret chat");
        return await this.#receive(envelope.value.otr);
      default:
        // Anyone could have made it: it may be shown and decides nothing.
        return reject("UNEXPECTED", `a note that nothing authenticates: ${envelope.value.kind}`);
    }
  }

  async #invitation({ chatId, expires, attestation, otr }: Envelope & { kind: "invitation" }): Promise<Result<void>> {
    if (this.state !== "none" && this.state !== "closed") return reject("FULL", "one chat at a time");
    if (expires <= BigInt(Math.floor(this.#options.clock()))) return reject("STALE", "the invitation has expired");
    const attested = await this.#check(attestation, otr, "identity");
    if (!attested.ok) return attested;
    await this.#leave();
    this.#begin(chatId);
    this.attested = attested.value;
    return await this.#receive(otr);
  }

  async #acceptance(envelope: Envelope & { kind: "acceptance" }): Promise<Result<void>> {
    if (this.state !== "inviting" || !this.#isOurs(envelope)) {
      return reject("UNEXPECTED", "an acceptance of no invitation of ours");
    }
    const attested = await this.#check(envelope.attestation, envelope.otr, "auth-r");
    if (!attested.ok) return attested;
    this.attested = attested.value;
    return await this.#receive(envelope.otr);
  }

  async #check(attestation: Uint8Array, otr: string, kind: "identity" | "auth-r"): Promise<Result<Attested>> {
    const { sealer, limits, tell } = this.#options;
    const attested = await sealer.checkAttestation(attestation, this.peerKey);
    if (!attested.ok) return attested;
    const message = readAttested(attested.value, otr, limits);
    if (!message.ok) return message;
    if (message.value.kind !== kind) return reject("UNEXPECTED", "another handshake message than the envelope says");
    tell({ type: "attested", attested: attested.value });
    return attested;
  }

  /** Lets the endpoint read a text, if nobody but the attested device can come of it. */
  async #receive(otr: string): Promise<Result<void>> {
    const step = receive(this.endpoint, otr, this.#env());
    const stranger = step.events.some((event) => {
      const claimed =
        event.type === "invitation"
          ? event.fingerprint
          : event.type === "established"
            ? event.peerFingerprint
            : undefined;
      return claimed !== undefined && toHex(claimed) !== this.#attestedFingerprint();
    });
    if (stranger) return reject("BAD_ATTESTATION", "a handshake with a key that nobody attested");
    const types = new Set(step.events.map((event) => event.type));
    const next: ChatState | undefined = types.has("disconnected")
      ? "closed"
      : types.has("established")
        ? "active"
        : types.has("invitation")
          ? "invited"
          : undefined;
    await this.#perform(step, next);
    return { ok: true, value: undefined };
  }

  /** Makes a step count, tells of it, and only then hands over what it wants to send. */
  async #perform(step: Step, state: ChatState = this.state, kind: Kind = "message"): Promise<void> {
    const { tell } = this.#options;
    this.endpoint = commit(this.endpoint, step);
    const changed = state !== this.state;
    this.state = state;
    for (const event of step.events) tell({ type: "session", event });
    if (changed) tell({ type: "state", state });
    for (const text of step.send) await this.#send(this.#envelopeFor(text, kind));
  }

  async #send(envelope: Envelope): Promise<void> {
    const { sealer, carrier, peer, newId, tell } = this.#options;
    const bytes = await sealer.seal(this.peerKey, encodeEnvelope(envelope));
    const id = newId();
    await carrier.send(peer, bytes, id);
    tell({ type: "sent", id, bytes, envelope });
  }

  #envelopeFor(otr: string, kind: Kind): Envelope {
    const { chatId } = this;
    if (kind === "message") return { kind, chatId, otr };
    const attestation = this.#attestation;
    if (kind === "acceptance") return { kind, chatId, attestation, otr };
    const expires = BigInt(Math.floor(this.#options.clock()) + this.#options.limits.handshakeSeconds);
    return { kind, chatId, expires, attestation, otr };
  }

  /** Ends what is left of the chat before, MAC keys revealed. */
  async #leave(): Promise<void> {
    if (this.state !== "none") await this.#perform(closeAll(this.endpoint, this.#env()));
  }

  #begin(chatId: Uint8Array): void {
    this.chatId = chatId;
    this.attested = undefined;
    this.state = "none";
    this.endpoint = createEndpoint(this.#options.identity.instanceTag);
  }

  #env(): Env {
    const { suite, random, clock, limits, identity, sealer } = this.#options;
    const context = attestedContext(sealer.ownKey.id, this.peerKey.id, this.chatId);
    return { suite, random, now: clock(), limits, identity, context, budget: this.#budget };
  }

  #session(): string {
    return this.endpoint.sessions.find((session) => session.current !== undefined)?.id ?? "";
  }

  #isOurs({ chatId }: Envelope): boolean {
    return toHex(chatId) === toHex(this.chatId);
  }

  #attestedFingerprint(): string {
    const profile = this.attested?.profile;
    return profile === undefined ? "" : toHex(fingerprint(this.#options.suite, profile.publicKey, profile.forgingKey));
  }

  #demand(...states: ChatState[]): void {
    if (states.includes(this.state)) return;
    throw new SottovoceError("BAD_STATE", `The chat is in state "${this.state}"; nothing was done.`);
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#before.then(act);
    this.#before = turn.catch(() => undefined);
    return turn;
  }
}
