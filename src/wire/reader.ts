// Reader: the draft's data types, read from bytes (spec/03, "Data types"; draft "Data Types").
import type { DhPublic, Point } from "../crypto/suite.ts";
import { accept, type Rejection, type RejectionCode, type Result, reject } from "../errors.ts";

/** Bytes of a POINT and of a SCALAR. */
export const POINT_BYTES = 57;

/** Bytes of the longest MPI that a 3072-bit group can fill. */
const DH_BYTES = 384;

/** Carries a rejection out of a decoder. Thrown and caught inside wire/ only: see {@link decoding}. */
class DecodeError extends Error {
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.why);
    this.rejection = rejection;
  }
}

/** Ends the decoding that is under way with this rejection. */
export function refuse(code: RejectionCode, why: string): never {
  throw new DecodeError(reject(code, why));
}

/** Runs a decoder over all of `bytes`: a value if it reads them to the end, otherwise the rejection it met. */
export function decoding<T>(bytes: Uint8Array, decoder: (reader: Reader) => T): Result<T> {
  try {
    const reader = new Reader(bytes);
    const value = decoder(reader);
    reader.end();
    return accept(value);
  } catch (error) {
    if (error instanceof DecodeError) return error.rejection;
    throw error;
  }
}

/**
 * A cursor over bytes that never reads past their end. Byte strings are handed out as views into the input, not copied:
 * nothing in this library writes to bytes it was given.
 */
export class Reader {
  readonly bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** BYTE */
  u8(): number {
    return this.bytes[this.advance(1)] as number;
  }

  /** SHORT */
  u16(): number {
    const at = this.advance(2);
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  /** A type of public key: the one little-endian number on the wire. */
  u16le(): number {
    const at = this.advance(2);
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8);
  }

  /** INT */
  u32(): number {
    const { bytes } = this;
    const at = this.advance(4);
    const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    return high * 0x10000 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
  }

  /** Eight bytes, signed, big-endian. */
  i64(): bigint {
    const high = BigInt(this.u32());
    return BigInt.asIntN(64, (high << 32n) | BigInt(this.u32()));
  }

  /** A view of the next `size` bytes. */
  take(size: number): Uint8Array {
    const at = this.advance(size);
    return this.bytes.subarray(at, at + size);
  }

  /** POINT: 57 bytes. Layout only; the group decides whether it is a point. */
  point(): Point {
    return this.take(POINT_BYTES);
  }

  /** DATA of at most `max` bytes. */
  data(max: number = Number.POSITIVE_INFINITY): Uint8Array {
    const size = this.u32();
    if (size > max && size <= this.remaining())
      refuse("TOO_LARGE", `A field of ${size} bytes; at most ${max} allowed.`);
    return this.take(size);
  }

  /** MPI of at most `max` bytes, without leading zeros; empty for zero. */
  mpi(max: number = DH_BYTES, code: RejectionCode = "BAD_DH_KEY"): DhPublic {
    const value = this.take(this.u32());
    if (value.length > max) refuse(code, `An MPI of ${value.length} bytes; at most ${max} allowed.`);
    if (value[0] === 0) refuse(code, "An MPI with leading zeros.");
    return value;
  }

  /** The MPI of a DH public key that must be there. */
  dhKey(): DhPublic {
    const value = this.mpi();
    if (value.length === 0) refuse("BAD_DH_KEY", "An empty MPI where a DH key must be.");
    return value;
  }

  remaining(): number {
    return this.bytes.length - this.offset;
  }

  /** Demands that everything has been read. */
  end(): void {
    if (this.remaining() !== 0) refuse("MALFORMED", `${this.remaining()} bytes left over at the end.`);
  }

  private advance(size: number): number {
    const at = this.offset;
    if (size > this.bytes.length - at)
      refuse("MALFORMED", `Truncated: ${size} bytes expected, ${this.remaining()} left.`);
    this.offset = at + size;
    return at;
  }
}
