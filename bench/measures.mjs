// What is measured, who takes part, and what we want to reach. Times are microseconds.

const ms = 1000;

/**
 * @typedef {object} Measure
 * @property {string} id The key under which contenders offer it.
 * @property {string} group What the command line selects by.
 * @property {string} title
 * @property {Readonly<Record<string, number>>} [goal] Contender → microseconds.
 */

/** @type {readonly Measure[]} */
export const measures = [
  {
    id: "handshake",
    group: "handshake",
    title: "Handshake, both sides",
    goal: { node: 85 * ms, noble: 130 * ms },
  },
  {
    id: "message",
    group: "messages",
    title: "Message in order",
    goal: { node: 40, noble: 110 },
  },
  {
    id: "message-dh",
    group: "messages",
    title: "Message in order, with a DH key in it",
    goal: { node: 40, noble: 110 },
  },
  {
    id: "message-pure",
    group: "messages",
    title: "Message in order, not committed",
    goal: { node: 40, noble: 110 },
  },
  {
    id: "message-dh-pure",
    group: "messages",
    title: "Message in order, with a DH key in it, not committed",
    goal: { node: 40, noble: 110 },
  },
  {
    id: "message-after-900",
    group: "messages",
    title: "Message in order, after 900 without an answer",
  },
  {
    id: "ratchet",
    group: "ratchet",
    title: "Message that turns the ratchet",
    goal: { node: 8 * ms, noble: 8 * ms },
  },
  {
    id: "ratchet-dh",
    group: "ratchet",
    title: "Message that turns the ratchet, with a DH exchange",
    goal: { node: 13 * ms, noble: 30 * ms },
  },
  { id: "gap", group: "disorder", title: "Message after a gap of 100, received" },
  { id: "late", group: "disorder", title: "Message out of such a gap, received" },
  { id: "fragments", group: "disorder", title: "Message of 10,000 bytes in fragments of 1,000 characters" },
  { id: "profile", group: "checks", title: "Client profile validated" },
  { id: "point", group: "checks", title: "Ed448 point checked" },
  { id: "dh", group: "checks", title: "DH key checked" },
  { id: "encode", group: "storage", title: "Endpoint encoded" },
  { id: "decode", group: "storage", title: "Endpoint decoded" },
  { id: "seal", group: "openpgp", title: "Message sealed in OpenPGP" },
  { id: "open", group: "openpgp", title: "Message opened from OpenPGP" },
  { id: "attestation", group: "openpgp", title: "Attestation checked" },
];

/** Groups in the order of the table, with what their rows have in common. */
export const groups = {
  handshake: "From the first message to a conversation on both sides, ephemeral keys included, long-term keys given.",
  messages:
    "Sent and received, summed: 100 bytes of text, from text to the characters that travel and back. Ours: runs of 100 " +
    "in one ratchet; `commit` on both sides unless it says otherwise.",
  ratchet: "As above, in a conversation where each message answers the one before.",
  disorder: "Messages of 100 bytes unless it says otherwise.",
  checks: "What each key costs that comes from a peer, once.",
  storage: "An endpoint with one conversation, nothing skipped.",
  openpgp: "A message of 100 bytes in its envelope, OpenPGP keys of version 4 (Ed25519, Curve25519).",
};

/**
 * @typedef {object} Contender
 * @property {string} id
 * @property {string} title
 * @property {string} module Exports `measures(id)`: from the id of a measure to a function that prepares a batch.
 * @property {string} [needs] The package that must be installed.
 */

/** Ours first: the others are compared with the first. @type {readonly Contender[]} */
export const contenders = [
  { id: "node", title: "sottovoce, node:crypto", module: "./contenders/sottovoce.mjs" },
  { id: "noble", title: "sottovoce, pure JavaScript", module: "./contenders/sottovoce.mjs" },
  { id: "otr", title: "OTRv3: otr", module: "./contenders/otr.mjs", needs: "otr" },
  { id: "olm", title: "Olm: @matrix-org/olm", module: "./contenders/olm.mjs", needs: "@matrix-org/olm" },
  {
    id: "libsignal",
    title: "Signal: @signalapp/libsignal-client",
    module: "./contenders/libsignal.mjs",
    needs: "@signalapp/libsignal-client",
  },
];
