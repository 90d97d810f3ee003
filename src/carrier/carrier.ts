// Carrier: what moves envelopes between accounts, and what it does to them on the way (spec/06, "Interface").

/** How the host names an account: an address, or an opaque id. Compared as a string. */
export type PeerId = string;

/** What a carrier does, as far as it changes what a secret chat can promise. One that does not know says the worse. */
export interface CarrierCaps {
  /** Whether the sender's own software signs what it sends, around our messages. */
  readonly signs: boolean;
  /**
   * Whether somebody on the way signs, as mail providers do with DKIM and ARC: `stripped` when that signature is
   * removed before delivery.
   */
  readonly thirdPartySigns: "yes" | "stripped" | "no" | "unknown";
  /** Whether servers or mailboxes keep messages after delivery, so that one must delete them. */
  readonly storesCiphertext: boolean;
  /** The largest binary OpenPGP message that is carried whole; `Number.POSITIVE_INFINITY` when none is too large. */
  readonly maxMessageBytes: number;
  /** Whether the messages of one sender arrive in the order in which they were sent. */
  readonly ordered: boolean;
  /** Whether a message reaches only devices that are connected at that moment. */
  readonly ephemeral: boolean;
}

/** A message that arrived. */
export interface Delivery {
  /** The carrier's name for it: the same again when it is delivered again. */
  readonly id: string;
  /** Whom the carrier says it is from. Forgeable: only what the message proves about itself counts. */
  readonly from: PeerId;
  /** A binary OpenPGP message. */
  readonly bytes: Uint8Array;
  /** Whether the carrier says that another device of this account sent it. Forgeable like `from`. */
  readonly self: boolean;
}

/** Resolves when the message was taken over durably; a rejection asks for it again. */
export type DeliveryHandler = (delivery: Delivery) => Promise<void>;

/** What the host knows of a contact. */
export interface Contact {
  /** The pinned OpenPGP public key, binary. */
  readonly openpgpKey: Uint8Array;
  /** Whether the user has verified it, in whatever way the host offers. */
  readonly verified: boolean;
}

/** A value kept with the host, outside the store and outside backups (spec/06, "Interface"). */
export interface Epoch {
  get(): Promise<Uint8Array | undefined>;
  set(value: Uint8Array): Promise<void>;
}

/**
 * What the chat layer asks of a host. All failures reject with SottovoceError `CARRIER`, or `NOT_FOUND` for an unknown
 * contact, or `TOO_LARGE`.
 */
export interface Carrier {
  readonly caps: CarrierCaps;
  /**
   * Hands a message over; resolves when the host has it durably. `id` is the sender's name for it, unique and telling
   * nothing (letters, digits, - and _): sending the same id again must not make a second message where the carrier can
   * help it.
   */
  send(to: PeerId, bytes: Uint8Array, id: string): Promise<void>;
  /** Receives from now on, at least once each. Returns the function that ends it. */
  subscribe(handler: DeliveryHandler): () => void;
  /** Deletes the raw message of a delivery, from the server too where that is possible. No error when it is gone. */
  delete(id: string): Promise<void>;
  /** Stores ciphertext that is too large for a message and resolves to a reference to it. */
  putBlob?(bytes: Uint8Array): Promise<string>;
  getBlob?(reference: string): Promise<Uint8Array>;
  readonly epoch: Epoch;
  contact(peer: PeerId): Promise<Contact>;
  /** Tells when the pinned key or the verification of a contact changes. Returns the function that ends it. */
  onContactChange(handler: (peer: PeerId) => void): () => void;
}
