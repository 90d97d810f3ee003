// Values of every kind that travels, for properties over the codecs.
import fc from "fast-check";
import { type AuthIMessage, encodeAuthIMessage } from "../../src/wire/auth-i-message.ts";
import { type AuthRMessage, encodeAuthRMessage } from "../../src/wire/auth-r-message.ts";
import { assembleProfile, type ClientProfile, type ClientProfileFields } from "../../src/wire/client-profile.ts";
import { type DataSections, encodeDataMessage, encodeSections } from "../../src/wire/data-message.ts";
import { encodeIdentityMessage, type IdentityMessage } from "../../src/wire/identity-message.ts";
import { Writer } from "../../src/wire/writer.ts";

export function bytes(size: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: size, maxLength: size });
}

export const u32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffffffff });

/** A valid instance tag, often one at the edge. */
export const tag: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0x100, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.integer({ min: 0x100, max: 0xffffffff }),
);

/** The bytes of an MPI: no leading zero. */
export function mpi(minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc
    .uint8Array({ minLength, maxLength })
    .map((value) => (value[0] === 0 ? Uint8Array.of(1, ...value.subarray(1)) : value));
}

const dhKey: fc.Arbitrary<Uint8Array> = fc.oneof(mpi(1, 3), mpi(383, 384));

const dsaKey: fc.Arbitrary<Uint8Array> = fc.tuple(mpi(0, 130), mpi(0, 20), mpi(0, 130), mpi(0, 130)).map((numbers) => {
  const writer = new Writer(2 + numbers.reduce((sum, value) => sum + 4 + value.length, 0)).u16(0);
  for (const value of numbers) writer.data(value);
  return writer.finish();
});

export const profileFields: fc.Arbitrary<ClientProfileFields> = fc.record(
  {
    instanceTag: tag,
    publicKey: bytes(57),
    forgingKey: bytes(57),
    versions: fc.stringMatching(/^[!-~]{0,8}$/),
    expires: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    dsaKey,
    transitionalSignature: bytes(40),
  },
  { requiredKeys: ["instanceTag", "publicKey", "forgingKey", "versions", "expires"] },
);

export const profile: fc.Arbitrary<ClientProfile> = fc
  .tuple(profileFields, bytes(114))
  .map(([fields, signature]) => assembleProfile(fields, signature));

const header = { senderTag: tag, receiverTag: tag };
const handshakeKeys = { profile, ecdh: bytes(57), dh: dhKey, firstEcdh: bytes(57), firstDh: dhKey };

export const identityFields: fc.Arbitrary<Omit<IdentityMessage, "kind">> = fc.record({
  ...header,
  ...handshakeKeys,
  receiverTag: fc.oneof(fc.constant(0), tag),
});

export const authRFields: fc.Arbitrary<Omit<AuthRMessage, "kind">> = fc.record({
  ...header,
  ...handshakeKeys,
  ringSignature: bytes(342),
});

export const authIFields: fc.Arbitrary<Omit<AuthIMessage, "kind">> = fc.record({
  ...header,
  ringSignature: bytes(342),
});

export const sectionFields: fc.Arbitrary<DataSections> = fc.record({
  ...header,
  flags: fc.integer({ min: 0, max: 255 }),
  previousCount: u32,
  ratchetId: u32,
  messageId: u32,
  ecdh: bytes(57),
  dh: fc.oneof(fc.constant(new Uint8Array(0)), dhKey),
  ciphertext: fc.uint8Array({ maxLength: 300 }),
});

export const mac: fc.Arbitrary<Uint8Array> = bytes(64);
export const revealed: fc.Arbitrary<Uint8Array[]> = fc.array(bytes(64), { maxLength: 3 });

/** The encoding of any message. */
export const messageBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  identityFields.map(encodeIdentityMessage),
  authRFields.map(encodeAuthRMessage),
  authIFields.map(encodeAuthIMessage),
  fc.tuple(sectionFields, mac, revealed).map(([f, m, r]) => encodeDataMessage(encodeSections(f), m, r)),
);

/** Something near `original`: bytes changed, cut, doubled, or overwritten with a huge length. */
export function mutated(original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const step = fc.record({
    kind: fc.constantFrom("flip", "cut", "insert", "huge", "repeat"),
    at: fc.nat(),
    value: fc.integer({ min: 0, max: 255 }),
  });
  return fc.tuple(original, fc.array(step, { minLength: 1, maxLength: 3 })).map(([start, steps]) => {
    let out = start.slice();
    for (const { kind, at, value } of steps) {
      const i = out.length === 0 ? 0 : at % out.length;
      if (kind === "flip" && out.length > 0) out[i] = (out[i] as number) ^ (value || 1);
      if (kind === "cut") out = out.slice(0, i);
      if (kind === "insert") out = Uint8Array.from([...out.subarray(0, i), value, ...out.subarray(i)]);
      if (kind === "huge") out.fill(0xff, i, i + 4);
      if (kind === "repeat") out = Uint8Array.from([...out, ...out.subarray(i)]);
    }
    return out;
  });
}
