// SHAKE-256 in pure JavaScript (spec/02, "Key derivation"; FIPS 202, sections 3 and 6.2).
//
// Hashing is most of what a message costs without node:crypto, and an unrolled permutation takes a third of the time of
// the loops in noble-hashes. No table look-up and no branch depends on the input.

/** Bytes that a block absorbs or gives: 1600 − 2 · 256 bits. */
const RATE = 136;

/** The first `size` bytes of SHAKE-256 over the concatenated parts. */
export function shake256(size: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = new Int32Array(50);
  let at = 0;
  const absorb = (byte: number): void => {
    state[at >> 2] = (state[at >> 2] as number) ^ (byte << ((at & 3) << 3));
    at++;
  };
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      absorb(part[i] as number);
      if (at === RATE) {
        permute(state);
        at = 0;
      }
    }
  }
  absorb(0x1f);
  at = RATE - 1;
  absorb(0x80);

  const out = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const from = i % RATE;
    if (from === 0) permute(state);
    out[i] = (state[from >> 2] as number) >>> ((from & 3) << 3);
  }
  state.fill(0);
  return out;
}

type Ten = [number, number, number, number, number, number, number, number, number, number];
type State = [...Ten, ...Ten, ...Ten, ...Ten, ...Ten];

/** Round constants, low and high words in turn: the degree-8 LFSR of FIPS 202, algorithm 5. */
const ROUND_CONSTANTS: Int32Array = makeRoundConstants();

/** Keccak-f[1600] in place. Lane x + 5y is the words 2(x + 5y), low, and 2(x + 5y) + 1, high. */
function permute(state: Int32Array): void {
  const s = state as unknown as State;
  // biome-ignore format: five lanes to two rows
  // biome-ignore lint/style/useSingleVarDeclarator: the state, not fifty things
  let a0 = s[0], a1 = s[1], a2 = s[2], a3 = s[3], a4 = s[4],
      a5 = s[5], a6 = s[6], a7 = s[7], a8 = s[8], a9 = s[9],
      a10 = s[10], a11 = s[11], a12 = s[12], a13 = s[13], a14 = s[14],
      a15 = s[15], a16 = s[16], a17 = s[17], a18 = s[18], a19 = s[19],
      a20 = s[20], a21 = s[21], a22 = s[22], a23 = s[23], a24 = s[24],
      a25 = s[25], a26 = s[26], a27 = s[27], a28 = s[28], a29 = s[29],
      a30 = s[30], a31 = s[31], a32 = s[32], a33 = s[33], a34 = s[34],
      a35 = s[35], a36 = s[36], a37 = s[37], a38 = s[38], a39 = s[39],
      a40 = s[40], a41 = s[41], a42 = s[42], a43 = s[43], a44 = s[44],
      a45 = s[45], a46 = s[46], a47 = s[47], a48 = s[48], a49 = s[49];
  // biome-ignore format: one row per lane
  for (let round = 0; round < 48; round += 2) {
    // θ: c are the parities of the columns, d what each lane takes from the two beside it
    const c0 = a0 ^ a10 ^ a20 ^ a30 ^ a40; const c1 = a1 ^ a11 ^ a21 ^ a31 ^ a41;
    const c2 = a2 ^ a12 ^ a22 ^ a32 ^ a42; const c3 = a3 ^ a13 ^ a23 ^ a33 ^ a43;
    const c4 = a4 ^ a14 ^ a24 ^ a34 ^ a44; const c5 = a5 ^ a15 ^ a25 ^ a35 ^ a45;
    const c6 = a6 ^ a16 ^ a26 ^ a36 ^ a46; const c7 = a7 ^ a17 ^ a27 ^ a37 ^ a47;
    const c8 = a8 ^ a18 ^ a28 ^ a38 ^ a48; const c9 = a9 ^ a19 ^ a29 ^ a39 ^ a49;
    const d0 = c8 ^ (c2 << 1 | c3 >>> 31); const d1 = c9 ^ (c3 << 1 | c2 >>> 31);
    const d2 = c0 ^ (c4 << 1 | c5 >>> 31); const d3 = c1 ^ (c5 << 1 | c4 >>> 31);
    const d4 = c2 ^ (c6 << 1 | c7 >>> 31); const d5 = c3 ^ (c7 << 1 | c6 >>> 31);
    const d6 = c4 ^ (c8 << 1 | c9 >>> 31); const d7 = c5 ^ (c9 << 1 | c8 >>> 31);
    const d8 = c6 ^ (c0 << 1 | c1 >>> 31); const d9 = c7 ^ (c1 << 1 | c0 >>> 31);
    // ρ and π: each lane rotated and moved
    const b0 = a0 ^ d0; const b1 = a1 ^ d1;
    const b2 = (a13 ^ d3) << 12 | (a12 ^ d2) >>> 20; const b3 = (a12 ^ d2) << 12 | (a13 ^ d3) >>> 20;
    const b4 = (a25 ^ d5) << 11 | (a24 ^ d4) >>> 21; const b5 = (a24 ^ d4) << 11 | (a25 ^ d5) >>> 21;
    const b6 = (a36 ^ d6) << 21 | (a37 ^ d7) >>> 11; const b7 = (a37 ^ d7) << 21 | (a36 ^ d6) >>> 11;
    const b8 = (a48 ^ d8) << 14 | (a49 ^ d9) >>> 18; const b9 = (a49 ^ d9) << 14 | (a48 ^ d8) >>> 18;
    const b10 = (a6 ^ d6) << 28 | (a7 ^ d7) >>> 4; const b11 = (a7 ^ d7) << 28 | (a6 ^ d6) >>> 4;
    const b12 = (a18 ^ d8) << 20 | (a19 ^ d9) >>> 12; const b13 = (a19 ^ d9) << 20 | (a18 ^ d8) >>> 12;
    const b14 = (a20 ^ d0) << 3 | (a21 ^ d1) >>> 29; const b15 = (a21 ^ d1) << 3 | (a20 ^ d0) >>> 29;
    const b16 = (a33 ^ d3) << 13 | (a32 ^ d2) >>> 19; const b17 = (a32 ^ d2) << 13 | (a33 ^ d3) >>> 19;
    const b18 = (a45 ^ d5) << 29 | (a44 ^ d4) >>> 3; const b19 = (a44 ^ d4) << 29 | (a45 ^ d5) >>> 3;
    const b20 = (a2 ^ d2) << 1 | (a3 ^ d3) >>> 31; const b21 = (a3 ^ d3) << 1 | (a2 ^ d2) >>> 31;
    const b22 = (a14 ^ d4) << 6 | (a15 ^ d5) >>> 26; const b23 = (a15 ^ d5) << 6 | (a14 ^ d4) >>> 26;
    const b24 = (a26 ^ d6) << 25 | (a27 ^ d7) >>> 7; const b25 = (a27 ^ d7) << 25 | (a26 ^ d6) >>> 7;
    const b26 = (a38 ^ d8) << 8 | (a39 ^ d9) >>> 24; const b27 = (a39 ^ d9) << 8 | (a38 ^ d8) >>> 24;
    const b28 = (a40 ^ d0) << 18 | (a41 ^ d1) >>> 14; const b29 = (a41 ^ d1) << 18 | (a40 ^ d0) >>> 14;
    const b30 = (a8 ^ d8) << 27 | (a9 ^ d9) >>> 5; const b31 = (a9 ^ d9) << 27 | (a8 ^ d8) >>> 5;
    const b32 = (a11 ^ d1) << 4 | (a10 ^ d0) >>> 28; const b33 = (a10 ^ d0) << 4 | (a11 ^ d1) >>> 28;
    const b34 = (a22 ^ d2) << 10 | (a23 ^ d3) >>> 22; const b35 = (a23 ^ d3) << 10 | (a22 ^ d2) >>> 22;
    const b36 = (a34 ^ d4) << 15 | (a35 ^ d5) >>> 17; const b37 = (a35 ^ d5) << 15 | (a34 ^ d4) >>> 17;
    const b38 = (a47 ^ d7) << 24 | (a46 ^ d6) >>> 8; const b39 = (a46 ^ d6) << 24 | (a47 ^ d7) >>> 8;
    const b40 = (a5 ^ d5) << 30 | (a4 ^ d4) >>> 2; const b41 = (a4 ^ d4) << 30 | (a5 ^ d5) >>> 2;
    const b42 = (a17 ^ d7) << 23 | (a16 ^ d6) >>> 9; const b43 = (a16 ^ d6) << 23 | (a17 ^ d7) >>> 9;
    const b44 = (a29 ^ d9) << 7 | (a28 ^ d8) >>> 25; const b45 = (a28 ^ d8) << 7 | (a29 ^ d9) >>> 25;
    const b46 = (a31 ^ d1) << 9 | (a30 ^ d0) >>> 23; const b47 = (a30 ^ d0) << 9 | (a31 ^ d1) >>> 23;
    const b48 = (a42 ^ d2) << 2 | (a43 ^ d3) >>> 30; const b49 = (a43 ^ d3) << 2 | (a42 ^ d2) >>> 30;
    // χ: the only non-linear step
    a0 = b0 ^ ~b2 & b4; a1 = b1 ^ ~b3 & b5;
    a2 = b2 ^ ~b4 & b6; a3 = b3 ^ ~b5 & b7;
    a4 = b4 ^ ~b6 & b8; a5 = b5 ^ ~b7 & b9;
    a6 = b6 ^ ~b8 & b0; a7 = b7 ^ ~b9 & b1;
    a8 = b8 ^ ~b0 & b2; a9 = b9 ^ ~b1 & b3;
    a10 = b10 ^ ~b12 & b14; a11 = b11 ^ ~b13 & b15;
    a12 = b12 ^ ~b14 & b16; a13 = b13 ^ ~b15 & b17;
    a14 = b14 ^ ~b16 & b18; a15 = b15 ^ ~b17 & b19;
    a16 = b16 ^ ~b18 & b10; a17 = b17 ^ ~b19 & b11;
    a18 = b18 ^ ~b10 & b12; a19 = b19 ^ ~b11 & b13;
    a20 = b20 ^ ~b22 & b24; a21 = b21 ^ ~b23 & b25;
    a22 = b22 ^ ~b24 & b26; a23 = b23 ^ ~b25 & b27;
    a24 = b24 ^ ~b26 & b28; a25 = b25 ^ ~b27 & b29;
    a26 = b26 ^ ~b28 & b20; a27 = b27 ^ ~b29 & b21;
    a28 = b28 ^ ~b20 & b22; a29 = b29 ^ ~b21 & b23;
    a30 = b30 ^ ~b32 & b34; a31 = b31 ^ ~b33 & b35;
    a32 = b32 ^ ~b34 & b36; a33 = b33 ^ ~b35 & b37;
    a34 = b34 ^ ~b36 & b38; a35 = b35 ^ ~b37 & b39;
    a36 = b36 ^ ~b38 & b30; a37 = b37 ^ ~b39 & b31;
    a38 = b38 ^ ~b30 & b32; a39 = b39 ^ ~b31 & b33;
    a40 = b40 ^ ~b42 & b44; a41 = b41 ^ ~b43 & b45;
    a42 = b42 ^ ~b44 & b46; a43 = b43 ^ ~b45 & b47;
    a44 = b44 ^ ~b46 & b48; a45 = b45 ^ ~b47 & b49;
    a46 = b46 ^ ~b48 & b40; a47 = b47 ^ ~b49 & b41;
    a48 = b48 ^ ~b40 & b42; a49 = b49 ^ ~b41 & b43;
    // ι
    a0 ^= ROUND_CONSTANTS[round] as number; a1 ^= ROUND_CONSTANTS[round + 1] as number;
  }
  // biome-ignore format: five lanes to two rows
  state.set([
    a0, a1, a2, a3, a4,
    a5, a6, a7, a8, a9,
    a10, a11, a12, a13, a14,
    a15, a16, a17, a18, a19,
    a20, a21, a22, a23, a24,
    a25, a26, a27, a28, a29,
    a30, a31, a32, a33, a34,
    a35, a36, a37, a38, a39,
    a40, a41, a42, a43, a44,
    a45, a46, a47, a48, a49,
  ]);
}

function makeRoundConstants(): Int32Array {
  const constants = new Int32Array(48);
  let register = 1;
  for (let round = 0; round < 24; round++) {
    for (let j = 0; j < 7; j++) {
      const bit = (1 << j) - 1;
      if (register & 1)
        constants[2 * round + (bit >> 5)] = (constants[2 * round + (bit >> 5)] as number) | (1 << (bit & 31));
      register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1;
    }
  }
  return constants;
}
