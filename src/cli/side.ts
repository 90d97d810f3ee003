// One side of a secret chat: endpoint, sealer and carrier put together, in memory only (spec/12, "One side of a chat").
import { equalBytes, toHex } from "../bytes.ts";
import type { Carrier, Delivery, PeerId } from "../carrier/carrier.ts";
import type { Random } from "../crypto/random.ts";
import type { Suite } from "../crypto/suite.ts";
import { accept, type Rejection, type Result, reject, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Attested } from "../openpgp/attest.ts";
import { attestedContext } from "../openpgp/context.ts";
import { CHAT_ID_BYTES, decodeEnvelope, type Envelope, encodeEnvelope } from "../openpgp/envelope.ts";
import { type OpenPgpKey, readPublicKey } from "../openpgp/keys.ts";
import type { Sealer } from "../openpgp/sealer.ts";
import type { LocalIdentity } from "../profile/identity.ts";
import { acceptInvitation, closeAll, createEndpoint, send, start } from "../session/actions.ts";
import { type Budget, createBudget } from "../session/budget.ts";
import { commit } from "../session/commit.ts";
import type { Env, SessionEvent, Step } from "../session/step.ts";
import type { Endpoint } from "../session/types.ts";
import { type Chat, type ChatState, checkAttested, envelopeFor, judge, type OtrKind, remember } from "./demo/judge.ts";

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
  /** Of the chat there is or was; empty before the first one. */
  readonly chatId: Uint8Array;
  /** The contact's OpenPGP key, pinned. */
  readonly peerKey: OpenPgpKey;
  /** The contact's device, once its attestation was verified. */
  readonly attested: Attested | undefined;
  /** "Start secret chat". */
  invite(): Promise<void>;
  accept(): Promise<void>;
  say(text: string): Promise<void>;
  /** Ends the chat, or gives up one that is not active yet. */
  close(): Promise<void>;
  /**
   * A message that the carrier delivered. What it gets wrong is told, never thrown. `later`: it was not looked at
   * (`RATE_LIMITED`), so it must not be deleted but delivered again, after a minute.
   */
  take(delivery: Delivery): Promise<Taken>;
}

export type Taken = "done" | "later";

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
  return new OneSide(options, peerKey.value, await sealer.attest(identity.profile, identity.longTermKey));
}

class OneSide implements Side {
  readonly peerKey: OpenPgpKey;
  state: ChatState = "none";
  readonly #options: SideOptions;
  readonly #attestation: Uint8Array;
  readonly #budget: Budget;
  #chat: Chat;
  /** The closed chat before an invitation: still read, because anybody can make an invitation, until we accept it. */
  #former: Chat | undefined;
  /** Chat ids, in hexadecimal, and until when an invitation to them must not count once more. */
  readonly #chatIds = new Map<string, bigint>();
  /** The newest attestation seen of each instance tag. */
  readonly #devices = new Map<number, Attested>();
  /** One thing at a time: what follows starts when this is over. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(options: SideOptions, peerKey: OpenPgpKey, attestation: Uint8Array) {
    this.#options = options;
    this.peerKey = peerKey;
    this.#attestation = attestation;
    this.#budget = createBudget(options.limits);
    this.#chat = this.#newChat(new Uint8Array(), 0n);
  }

  get endpoint(): Endpoint {
    return this.#chat.endpoint;
  }

  get chatId(): Uint8Array {
    return this.#chat.id;
  }

  get attested(): Attested | undefined {
    return this.#chat.attested;
  }

  invite(): Promise<void> {
    return this.#inTurn(async () => {
      this.#demand("none", "closed");
      const { random, limits } = this.#options;
      for (const chat of [this.#former, this.#chat]) await this.#leave(chat);
      this.#begin(this.#newChat(random("id", CHAT_ID_BYTES), this.#now() + BigInt(limits.handshakeSeconds)));
      await this.#perform(this.#chat, start(this.endpoint, this.#env()), "inviting", "invitation");
    });
  }

  accept(): Promise<void> {
    return this.#inTurn(async () => {
      this.#demand("invited");
      const over = this.#chat.expires <= this.#now();
      if (over) throw new SottovoceError("NOT_FOUND", "The invitation has expired; nothing was sent.");
      const step = acceptInvitation(this.endpoint, this.endpoint.invitations[0]?.id ?? "", this.#env());
      const answered = step.endpoint.answers.length > 0;
      if (answered) await this.#leave(this.#former);
      await this.#perform(this.#chat, step, answered ? "joining" : "invited", "acceptance");
    });
  }

  say(text: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#demand("active");
      const session = this.endpoint.sessions.find(({ current }) => current !== undefined);
      await this.#perform(this.#chat, send(this.endpoint, session?.id ?? "", { text }, this.#env()));
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      const live = this.endpoint.sessions.some(({ current }) => current !== undefined);
      if (!live) this.#demand("inviting", "invited", "joining");
      await this.#perform(this.#chat, closeAll(this.endpoint, this.#env()), "closed");
    });
  }

  take(delivery: Delivery): Promise<Taken> {
    return this.#inTurn(async () => {
      const done = await this.#open(delivery.bytes);
      if (done.ok) return "done";
      this.#options.tell({ type: "refused", rejection: done });
      return done.code === "RATE_LIMITED" ? "later" : "done";
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
        return await this.#message(envelope.value);
      default:
        // Anyone could have made it: it may be shown and decides nothing.
        return reject("UNEXPECTED", `a note that nothing authenticates: ${envelope.value.kind}`);
    }
  }

  /** Nothing of the chat before is touched until the endpoint has accepted the Identity. */
  async #invitation(envelope: Envelope & { kind: "invitation" }): Promise<Result<void>> {
    const { chatId, expires, otr } = envelope;
    const now = this.#now();
    if (expires <= now) return reject("STALE", "the invitation has expired");
    const known = this.#chatIds.has(toHex(chatId)) || this.#chatOf(chatId) !== undefined;
    if (known) return reject("DUPLICATE", "an invitation to this chat came before");
    const over = this.state === "invited" && this.#chat.expires <= now;
    if (!over && this.state !== "none" && this.state !== "closed") return reject("FULL", "one chat at a time");
    const attested = await checkAttested(this.#options, this.peerKey, this.#devices, envelope);
    if (!attested.ok) return attested;
    const chat = this.#newChat(chatId, expires, attested.value);
    const judged = judge(chat, otr, this.#env(chat), "none", "invited");
    if (!judged.ok) return judged;
    this.#begin(chat);
    return accept(await this.#perform(chat, judged.value.step, "invited"));
  }

  async #acceptance(envelope: Envelope & { kind: "acceptance" }): Promise<Result<void>> {
    if (this.state !== "inviting" || !equalBytes(envelope.chatId, this.chatId)) {
      return reject("UNEXPECTED", "an acceptance of no invitation of ours");
    }
    const attested = await checkAttested(this.#options, this.peerKey, this.#devices, envelope);
    if (!attested.ok) return attested;
    const chat = { ...this.#chat, attested: attested.value };
    const judged = judge(chat, envelope.otr, this.#env(), "inviting", "active");
    if (!judged.ok) return judged;
    this.#chat = chat;
    return accept(await this.#perform(chat, judged.value.step, "active"));
  }

  async #message({ chatId, otr }: Envelope & { kind: "message" }): Promise<Result<void>> {
    const chat = this.#chatOf(chatId);
    if (chat === undefined) return reject("NO_KEY", "a message of another secret chat");
    const state = chat === this.#chat ? this.state : "closed";
    if (state === "inviting" || state === "invited") return reject("UNEXPECTED", "a message before the handshake");
    const judged = judge(chat, otr, this.#env(chat), state);
    return judged.ok ? accept(await this.#perform(chat, judged.value.step, judged.value.state)) : judged;
  }

  /** Makes a step count, tells of it, and only then hands over what it wants to send. */
  async #perform(chat: Chat, step: Step, state: ChatState = this.state, kind: OtrKind = "message"): Promise<void> {
    chat.endpoint = commit(chat.endpoint, step);
    const changed = chat === this.#chat && state !== this.state;
    if (changed) this.state = state;
    for (const event of step.events) this.#options.tell({ type: "session", event });
    if (changed) this.#options.tell({ type: "state", state });
    for (const text of step.send) await this.#send(envelopeFor(chat, kind, text, this.#attestation));
  }

  async #send(envelope: Envelope): Promise<void> {
    const { sealer, carrier, peer, newId, tell } = this.#options;
    const bytes = await sealer.seal(this.peerKey, encodeEnvelope(envelope));
    const id = newId();
    await carrier.send(peer, bytes, id);
    tell({ type: "sent", id, bytes, envelope });
  }

  #newChat(id: Uint8Array, expires: bigint, attested?: Attested): Chat {
    return { id, expires, attested, endpoint: createEndpoint(this.#options.identity.instanceTag) };
  }

  #begin(chat: Chat): void {
    if (this.endpoint.sessions.length > 0) this.#former = this.#chat;
    this.#chat = chat;
    for (const [id, expires] of this.#chatIds) if (expires <= this.#now()) this.#chatIds.delete(id);
    remember(this.#chatIds, toHex(chat.id), chat.expires, this.#options.limits.seenIdentities);
  }

  /** Ends what is left of a chat, MAC keys revealed. */
  async #leave(chat: Chat | undefined): Promise<void> {
    if (chat === this.#former) this.#former = undefined;
    if (chat !== undefined) await this.#perform(chat, closeAll(chat.endpoint, this.#env(chat)));
  }

  #env(chat: Chat = this.#chat): Env {
    const { suite, random, clock, limits, identity, sealer } = this.#options;
    const context = attestedContext(sealer.ownKey.id, this.peerKey.id, chat.id);
    return { suite, random, now: clock(), limits, identity, context, budget: this.#budget };
  }

  #chatOf(id: Uint8Array): Chat | undefined {
    return [this.#chat, this.#former].find((chat) => chat !== undefined && equalBytes(chat.id, id));
  }

  #now(): bigint {
    return BigInt(Math.floor(this.#options.clock()));
  }

  #demand(...states: ChatState[]): void {
    if (states.includes(this.state)) return;
    throw new SottovoceError("BAD_STATE", `The chat is in state "${this.state}"; nothing was done.`);
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#before.then(act);
    this.#before = turn.catch(() => undefined);
    return turn;
  }
}
