// Writer: the draft's data types, written to bytes (spec/03, "Data types"; draft "Data Types").
import { SottovoceError } from "../errors.ts";

/** Bytes that DATA or an MPI takes. */
export function dataSize(value: Uint8Array): number {
  return 4 + value.length;
}

/**
 * Fills a buffer whose size was computed beforehand; each method returns the writer.
 *
 * Values out of range and a size that does not fit are the caller's mistakes: SottovoceError `BAD_ARGUMENT`.
 */
export class Writer {
  private readonly bytes: Uint8Array;
  private offset = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  /** BYTE */
  u8(value: number): this {
    this.integer(value, 0xff);
    this.bytes[this.offset++] = value;
    return this;
  }

  /** SHORT */
  u16(value: number): this {
    this.integer(value, 0xffff);
    this.bytes[this.offset++] = value >>> 8;
    this.bytes[this.offset++] = value;
    return this;
  }

  /** A type of public key: the one little-endian number on the wire. */
  u16le(value: number): this {
    return this.u16(((value & 0xff) << 8) | (value >>> 8));
  }

  /** INT */
  u32(value: number): this {
    this.integer(value, 0xffffffff);
    const { bytes } = this;
    bytes[this.offset++] = value >>> 24;
    bytes[this.offset++] = value >>> 16;
    bytes[this.offset++] = value >>> 8;
    bytes[this.offset++] = value;
    return this;
  }

  /** Eight bytes, signed, big-endian. */
  i64(value: bigint): this {
    if (BigInt.asIntN(64, value) !== value)
      throw new SottovoceError("BAD_ARGUMENT", "A number beyond 64 bits; nothing was written.");
    return this.u32(Number(BigInt.asUintN(32, value >> 32n))).u32(Number(BigInt.asUintN(32, value)));
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): this {
    if (value.length > this.bytes.length - this.offset) this.misfit();
    this.bytes.set(value, this.offset);
    this.offset += value.length;
    return this;
  }

  /** Bytes of a fixed length: POINT, SCALAR, MAC, signatures. */
  fixed(value: Uint8Array, size: number): this {
    if (value.length !== size) {
      throw new SottovoceError(
        "BAD_ARGUMENT",
        `A field of ${value.length} bytes where ${size} belong; nothing was written.`,
      );
    }
    return this.raw(value);
  }

  /** DATA; and an MPI, whose bytes carry no leading zeros already. */
  data(value: Uint8Array): this {
    return this.u32(value.length).raw(value);
  }

  /** The filled buffer. */
  finish(): Uint8Array {
    if (this.offset !== this.bytes.length) this.misfit();
    return this.bytes;
  }

  private integer(value: number, max: number): void {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw new SottovoceError(
        "BAD_ARGUMENT",
        `The number ${value} does not fit its field (0 to ${max}); nothing was written.`,
      );
    }
  }

  private misfit(): never {
    throw new SottovoceError("BAD_ARGUMENT", "Fields of another size than announced; nothing was written.");
  }
}
