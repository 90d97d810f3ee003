// Public names of sottovoce/forge: what makes transcripts worthless as evidence (spec/10).
//
// They show that OTR's own bytes prove nothing. They undo no signature around those bytes: a signed mail or OpenPGP
// message that contains them commits somebody to them (spec/05, spec/09, "Deniability and what encloses it").
export { type Altered, alterWithRevealedKey, type Change, modify, type ReadMessage, readAndForge } from "./alter.ts";
export { type ForgedDake, type Forgery, forgeDake } from "./dake.ts";
export { armorDataMessage, findMacKey, keysFromChain, readDataMessage, remac, showMacKey, verifies } from "./mac.ts";
export { type Fields, type FieldValue, type Parsed, parse } from "./parse.ts";
export type { Line, Script } from "./play.ts";
export { type Recorder, recordSecrets, type SessionSecrets } from "./secrets.ts";
export { type Place, placeOf, type Role, type Setting } from "./setting.ts";
export { impersonate } from "./signers.ts";
export { type ForgedTranscript, forgeTranscript, type Transcript } from "./transcript.ts";
export { type Verdict, type VerifyOptions, verifyTranscript } from "./verify.ts";
export type { DataVerdict, JudgedMessage } from "./verify-data.ts";
