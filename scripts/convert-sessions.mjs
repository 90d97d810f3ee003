// Makes vectors/sessions/*.json from sessions recorded with an instrumented otr4j (format: vectors/README.md).
// Usage: node scripts/convert-sessions.mjs RECORDING.json OUTPUT.json
import { readFileSync, writeFileSync } from "node:fs";

const KINDS = { ecdh: "ecdh", dh: "dh", random_zq: "zq" };
const STATES = { PLAINTEXT: "start", ENCRYPTED: "encrypted", FINISHED: "finished" };

/** Where the recording shows an error of otr4j, or something the draft leaves to the implementer. */
const DIFFERENCES = {
  replay: "otr4j answers a replay with an error message; sending nothing is right as well",
  tail: "otr4j loses keys skipped at the end of a ratchet; a correct receiver reads this message",
  revealing: "a correct party reads the message that otr4j rejected, and reveals its MAC key here too",
  end: "a correct receiver answers the disconnect with one more message that reveals the MAC keys it still holds",
};

function convert(recording) {
  const randoms = {};
  const sentAt = new Map();
  const steps = recording.steps.map((step) => {
    randoms[step.party] ??= { ecdh: [], dh: [], zq: [], fragment: [] };
    collectRandoms(randoms[step.party], step);
    for (const [piece, text] of (step.tx ?? []).entries()) {
      if (!sentAt.has(text)) sentAt.set(text, [step.n, piece]);
    }
    return convertStep(step, sentAt, recording.steps);
  });
  return {
    source: recording.source,
    format: "vectors/README.md",
    parties: Object.fromEntries(Object.entries(recording.parties).map(([name, party]) => [name, convertParty(party)])),
    randoms,
    handshake: handshakeValues(recording),
    steps,
  };
}

function convertParty(party) {
  return {
    account: party.account,
    instanceTag: party.instance_tag,
    longTermKey: party.longterm_private_sym,
    longTermPublicKey: party.longterm_public,
    forgingSecret: party.forging_private_sym,
    forgingKey: party.forging_public,
    clientProfile: party.client_profile,
  };
}

function collectRandoms(queues, step) {
  for (const entry of step.trace ?? []) {
    const kind = KINDS[entry.type];
    if (kind !== undefined) queues[kind].push(kind === "dh" ? entry.secret : entry.r);
  }
  const identifiers = (step.tx ?? []).flatMap((text) => /^\?OTR\|([0-9a-f]{8})\|/.exec(text)?.[1] ?? []);
  queues.fragment.push(...new Set(identifiers));
}

function convertStep(step, sentAt, steps) {
  const out = { n: step.n, party: step.party, action: step.action };
  if (step.action === "recv") {
    out.message = sentAt.get(step.arg);
    if (out.message === undefined) throw new Error(`step ${step.n} receives what nobody sent`);
    out.content = step.content;
    out.rejected = step.rejected;
  } else if (step.action === "send") {
    out.text = step.arg;
  } else if (step.action === "send-tlv") {
    const [, text, type, value] = /^text=(.*); tlv type (\d+) value ([0-9a-f]*)$/.exec(step.arg);
    Object.assign(out, { action: "send", text, tlvs: [{ type: Number(type), value }] });
  } else if (step.action === "smp-init") {
    const [, question, secret] = /^question=(.*) secret=(.*)$/.exec(step.arg);
    Object.assign(out, { question: question === "(none)" ? "" : question, secret });
  } else if (step.action === "smp-respond") {
    out.secret = step.arg;
  } else if (step.action === "note") {
    out.extraSymmetricKey = step.values.extra_symmetric_key_base;
  }
  const smpSecret = step.trace?.find((entry) => entry.type === "smp_secret")?.scalar;
  if (smpSecret !== undefined) out.smpSecret = smpSecret;
  if (step.events?.length > 0) out.events = step.events;
  if (step.state !== undefined) out.state = STATES[step.state];
  if (step.tx !== undefined) out.sent = step.tx;
  const differs = difference(step, out, steps);
  if (differs !== undefined) out.differs = differs;
  return out;
}

function difference(step, out, steps) {
  if (out.rejected) return steps[out.message[0]].arg === "tail, pn must cover" ? DIFFERENCES.tail : DIFFERENCES.replay;
  if (out.state === "finished") return DIFFERENCES.end;
  return step.action === "send-tlv" ? DIFFERENCES.revealing : undefined;
}

/** What both parties must agree on, from the first computation of each value. */
function handshakeValues(recording) {
  const trace = recording.steps.flatMap((step) => step.trace ?? []);
  const output = (usage) => trace.find((entry) => entry.usage === usage).out;
  const signed = (purpose) => trace.find((entry) => entry.purpose === purpose).t;
  return {
    sharedSecret: output("SHARED_SECRET"),
    ssid: output("SSID"),
    firstRootKey: output("FIRST_ROOT_KEY"),
    authR: signed("AUTH_R"),
    authI: signed("AUTH_I"),
  };
}

/** One line for each step and each value: small enough to keep, and still readable in a diff. */
function format(session) {
  const lines = Object.entries(session).map(([key, value]) => {
    if (key === "steps") return `"steps": [\n${value.map((step) => `  ${JSON.stringify(step)}`).join(",\n")}\n]`;
    return `${JSON.stringify(key)}: ${JSON.stringify(value, null, 1)}`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}

const [input, output] = process.argv.slice(2);
if (input === undefined || output === undefined) {
  console.error("usage: node scripts/convert-sessions.mjs RECORDING.json OUTPUT.json");
  process.exit(2);
}
writeFileSync(output, format(convert(JSON.parse(readFileSync(input, "utf8")))));
