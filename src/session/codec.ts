// Small codecs from which the stored form of an endpoint is put together (spec/07, "Stored form").
import { fromUtf8, u32 as u32Bytes, utf8 } from "../bytes.ts";
import type { Result } from "../errors.ts";
import { decoding, type Reader, refuse } from "../wire/reader.ts";

/** How a value of type T is written and read. */
export interface Codec<T> {
  write(value: T, out: Uint8Array[]): void;
  read(reader: Reader): T;
}

export function encodeWith<T>(codec: Codec<T>, value: T): Uint8Array {
  const out: Uint8Array[] = [];
  codec.write(value, out);
  const encoded = new Uint8Array(out.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of out) {
    encoded.set(part, offset);
    offset += part.length;
  }
  return encoded;
}

/** Rejections: `MALFORMED`, and those of what is nested. */
export function decodeWith<T>(codec: Codec<T>, encoded: Uint8Array): Result<T> {
  return decoding(encoded, (reader) => codec.read(reader));
}

/** Unsigned 32-bit, big-endian. */
export const u32: Codec<number> = {
  write: (value, out) => void out.push(u32Bytes(value)),
  read: (reader) => reader.u32(),
};

/** A time in seconds, as a 64-bit float, so that fractions survive. */
export const time: Codec<number> = {
  write: (value, out) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    out.push(bytes);
  },
  read: (reader) => {
    const bytes = reader.take(8);
    const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
    return Number.isFinite(value) ? value : refuse("MALFORMED", "a time that is no number");
  },
};

export const flag: Codec<boolean> = {
  write: (value, out) => void out.push(Uint8Array.of(value ? 1 : 0)),
  read: (reader) => {
    const value = reader.u8();
    return value <= 1 ? value === 1 : refuse("MALFORMED", "a flag that is neither 0 nor 1");
  },
};

/** Bytes with a 4-byte length before them, copied on both ways. The type parameter lets a key keep its role. */
export function data<T extends Uint8Array>(): Codec<T> {
  return {
    write: (value, out) => void out.push(u32Bytes(value.length), value),
    read: (reader) => reader.data().slice() as T,
  };
}

export const bytes: Codec<Uint8Array> = data<Uint8Array>();

export const string: Codec<string> = {
  write: (value, out) => bytes.write(utf8(value), out),
  read: (reader) => fromUtf8(reader.data()),
};

/** One of a few words, as its position. */
export function word<const T extends string>(...words: readonly T[]): Codec<T> {
  return {
    write: (value, out) => void out.push(Uint8Array.of(words.indexOf(value))),
    read: (reader) => words[reader.u8()] ?? refuse("MALFORMED", "a word that is none of those expected"),
  };
}

export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    write: (value, out) => {
      flag.write(value !== undefined, out);
      if (value !== undefined) codec.write(value, out);
    },
    read: (reader) => (flag.read(reader) ? codec.read(reader) : undefined),
  };
}

export function list<T>(codec: Codec<T>): Codec<readonly T[]> {
  return {
    write: (values, out) => {
      u32.write(values.length, out);
      for (const value of values) codec.write(value, out);
    },
    read: (reader) => {
      const count = reader.u32();
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(codec.read(reader));
      return values;
    },
  };
}

/** The fields in the order given. */
export function struct<T extends object>(fields: { readonly [K in keyof T]-?: Codec<T[K]> }): Codec<T> {
  const entries = Object.entries(fields) as [keyof T, Codec<unknown>][];
  return {
    write: (value, out) => {
      for (const [name, codec] of entries) codec.write(value[name], out);
    },
    read: (reader) => {
      const value: Partial<T> = {};
      for (const [name, codec] of entries) value[name] = codec.read(reader) as T[keyof T];
      return value as T;
    },
  };
}

/** A codec for T by way of bytes that have an encoding of their own. */
export function nested<T>(encode: (value: T) => Uint8Array, decode: (encoded: Uint8Array) => Result<T>): Codec<T> {
  return {
    write: (value, out) => bytes.write(encode(value), out),
    read: (reader) => {
      const decoded = decode(reader.data().slice());
      return decoded.ok ? decoded.value : refuse(decoded.code, decoded.why);
    },
  };
}

/** A codec for U by way of T. */
export function mapped<T, U>(codec: Codec<T>, to: (value: U) => T, from: (value: T) => U): Codec<U> {
  return { write: (value, out) => codec.write(to(value), out), read: (reader) => from(codec.read(reader)) };
}
