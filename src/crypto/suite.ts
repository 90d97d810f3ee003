// The cryptographic suite: the small interface between the protocol and the primitives beneath it (spec/02).

/**
 * 57 bytes, RFC 8032 encoding of an Ed448 point. The brand says only "meant as a point": validity is checked at the
 * edge.
 */
export type Point = Uint8Array & { readonly __brand?: "Point" };

/** 57 bytes, little-endian. Secret scalars are pruned and may exceed q; scalars on the wire are below q. */
export type Scalar = Uint8Array & { readonly __brand?: "Scalar" };

/** 57 bytes from which a signing key is derived as in RFC 8032 ("symmetric key" in the OTRv4 draft). */
export type SymmetricKey = Uint8Array & { readonly __brand?: "SymmetricKey" };

/** Big-endian without leading zeros, as inside an MPI. */
export type DhPublic = Uint8Array & { readonly __brand?: "DhPublic" };

/** 80 random bytes, used as a big-endian exponent. */
export type DhSecret = Uint8Array & { readonly __brand?: "DhSecret" };

/** The prime-order group that carries the handshake: Ed448 (or a toy group in wide searches). */
export interface Group {
  /** Encoding of the base point G. */
  readonly generator: Point;
  /** The prime order q of G. */
  readonly order: bigint;
  /**
   * Whether this is the canonical encoding of a point of order q. Rejects the identity and every point outside the
   * subgroup. Must be called once for each point that comes from outside, before any other function sees it.
   */
  isValid(point: Point): boolean;
  /** G · scalar. The scalar may exceed q. */
  multiplyBase(scalar: Scalar): Point;
  /** point · scalar for a valid point; `undefined` when the result is the identity. */
  multiply(point: Point, scalar: Scalar): Point | undefined;
  /** G · r + A · c for a valid point A. */
  combine(r: Scalar, A: Point, c: Scalar): Point;
  /** Ed448 signature (114 bytes) with empty context, RFC 8032 5.2.6. */
  sign(key: SymmetricKey, message: Uint8Array): Uint8Array;
  /** RFC 8032 5.2.7; false for anything malformed. `publicKey` need not have been validated. */
  verify(publicKey: Point, message: Uint8Array, signature: Uint8Array): boolean;
}

/** The group of the brace keys: 3072-bit MODP, RFC 3526 group 15 (or a toy group). */
export interface DhGroup {
  /** Canonical (no leading zeros), 2 ≤ x ≤ p − 2, and of order (p − 1)/2. Once for each key that comes from outside. */
  isValid(key: DhPublic): boolean;
  /** 2^secret. */
  publicKey(secret: DhSecret): DhPublic;
  /** key^secret, big-endian, minimal length. */
  shared(secret: DhSecret, key: DhPublic): Uint8Array;
}

/** Everything the protocol takes from below. All functions are synchronous and pure. */
export interface Suite {
  readonly name: string;
  readonly group: Group;
  readonly dh: DhGroup;
  /** The first `size` bytes of SHAKE-256 over the concatenated parts. */
  shake256(size: number, ...parts: readonly Uint8Array[]): Uint8Array;
  /** ChaCha20 (RFC 8439) with a nonce of zeros and a counter from zero; key of 32 bytes. Encrypts and decrypts. */
  chacha20(key: Uint8Array, data: Uint8Array): Uint8Array;
}
