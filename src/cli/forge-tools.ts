// The forging tools, from JSON to JSON (spec/12, "forge"; spec/10).
import { suite } from "#crypto";
import { toHex } from "../bytes.ts";
import { systemRandom } from "../crypto/random.ts";
import { alterWithRevealedKey, readAndForge } from "../forge/alter.ts";
import { forgeDake } from "../forge/dake.ts";
import { armorDataMessage, keysFromChain, readDataMessage, remac, showMacKey } from "../forge/mac.ts";
import { parse } from "../forge/parse.ts";
import { forgeTranscript } from "../forge/transcript.ts";
import { verifyTranscript } from "../forge/verify.ts";
import type { Ratchet } from "../ratchet/state.ts";
import type { DataMessage } from "../wire/data-message.ts";
import type { Tlv } from "../wire/tlv.ts";
import {
  closedByIn,
  type Input,
  type Json,
  linesIn,
  nowIn,
  secretsIn,
  secretsOut,
  settingIn,
  taken,
} from "./forge-input.ts";
import { CommandError } from "./io.ts";
import { parseTag } from "./tags.ts";

/** One tool: what it does in a line, what it reads, what it gives. */
export interface Tool {
  readonly summary: string;
  readonly input: string;
  readonly output: string;
  run(input: Input): Json;
}

export const tools: Readonly<Record<string, Tool>> = {
  parse: {
    summary: "every field of a message",
    input: '{"message":"?OTR:…"}',
    output: '{"kind":"…","fields":{…}}',
    run: (input) => ({ ...taken(parse(suite, input.text("message"))) }),
  },
  modify: {
    summary: "known text in a message replaced by another of the same length, with a MAC key that was revealed",
    input: '{"message":"?OTR:…","known":"eight","replacement":"seven","offset":3,"macKeys":["<hex>"]}',
    output: '{"message":"?OTR:…","macKey":"<hex>"}: the key of those given that fits; offset in bytes, 0 unless given',
    run(input) {
      const offset = input.has("offset") ? input.count("offset") : 0;
      const change = { known: input.text("known"), replacement: input.text("replacement"), offset };
      const { text, macKey } = taken(alterWithRevealedKey(suite, input.text("message"), input.list("macKeys"), change));
      return { message: text, macKey: toHex(macKey) };
    },
  },
  read: {
    summary: "a message decrypted with a chain key, and other words put into it",
    input: '{"message":"?OTR:…","chainKey":"<hex>","from":0,"replacement":{"text":"…","tlvs":[…]}}',
    output:
      '{"text":"…","tlvs":[…],"messageKey":"<hex>","macKey":"<hex>","message":"?OTR:…"}; from: the number that\n' +
      "           the chain key belongs to, the message's own unless given; message: with the replacement, if any",
    run(input) {
      const message = taken(readDataMessage(input.text("message")));
      const replacement = input.has("replacement") ? input.object("replacement") : undefined;
      const read = readAndForge(suite, message, input.bytes("chainKey"), {
        ...(input.has("from") && { from: input.count("from") }),
        ...(replacement && { replacement: { text: replacement.text("text"), ...tlvsIn(replacement) } }),
      });
      const { plaintext, messageKey, macKey, forged } = taken(read);
      return {
        text: plaintext.text,
        tlvs: tlvsOut(plaintext.tlvs),
        messageKey: toHex(messageKey),
        macKey: toHex(macKey),
        ...(forged && { message: armorDataMessage(forged) }),
      };
    },
  },
  remac: {
    summary: "a message with other fields and a new authenticator",
    input: '{"message":"?OTR:…","macKey":"<hex>","fields":{"flags":1,"messageId":3,"ciphertext":"<hex>"}}',
    output:
      '{"message":"?OTR:…"}; fields: senderTag, receiverTag, flags, previousCount, ratchetId, messageId,\n' +
      "           ecdhKey, dhKey, ciphertext, revealedMacKeys, as parse shows them",
    run(input) {
      const message = taken(readDataMessage(input.text("message")));
      const changed = input.has("fields") ? changedFields(message, input.object("fields")) : message;
      return { message: armorDataMessage(remac(suite, changed, input.bytes("macKey"))) };
    },
  },
  "show-mac-key": {
    summary: "the MAC key that belongs to a message key, or to a message of a chain key",
    input: '{"messageKey":"<hex>"}, or {"chainKey":"<hex>","messageId":2,"from":0}',
    output: '{"macKey":"<hex>","messageKey":"<hex>"}',
    run(input) {
      if (!input.has("chainKey")) {
        const messageKey = input.bytes("messageKey");
        return { macKey: toHex(showMacKey(suite, messageKey)), messageKey: toHex(messageKey) };
      }
      const messageId = input.count("messageId");
      const from = input.has("from") ? input.count("from") : messageId;
      const keys = taken(keysFromChain(suite, input.bytes("chainKey"), messageId, from));
      return { macKey: toHex(keys.macKey), messageKey: toHex(keys.messageKey) };
    },
  },
  dake: {
    summary: "a handshake between two people that never was, and its session keys",
    input: "{…setting}",
    output:
      '{"messages":["?OTR:…"],"ssid":"<hex>","secret":"<hex>","ratchets":{…},"secrets":{…}}: Identity, Auth-R and\n' +
      "           Auth-I; K; root and chain keys of each side; the ephemeral secrets of each side",
    run(input) {
      const forged = taken(forgeDake(suite, systemRandom, forgeryIn(input)));
      const { messages, ssid, secret, ratchets, secrets } = forged;
      return {
        messages,
        ssid: toHex(ssid),
        secret: toHex(secret),
        ratchets: { initiator: ratchetOut(ratchets.initiator), responder: ratchetOut(ratchets.responder) },
        secrets: { initiator: secretsOut(secrets.initiator), responder: secretsOut(secrets.responder) },
      };
    },
  },
  transcript: {
    summary: "a whole conversation that never was",
    input: '{…setting,"lines":[{"from":"initiator","text":"…"}],"closedBy":"initiator|responder|nobody"}',
    output: '{"messages":["?OTR:…"],"secrets":{…}}; a line with "crossing":true is said before the last was read',
    run(input) {
      const script = { lines: linesIn(input), closedBy: closedByIn(input) };
      const { messages, secrets } = taken(forgeTranscript(suite, systemRandom, { ...forgeryIn(input), ...script }));
      return {
        messages,
        secrets: { initiator: secretsOut(secrets.initiator), responder: secretsOut(secrets.responder) },
      };
    },
  },
  verify: {
    summary: "what a judge can check of a transcript, honest or forged",
    input: '{…setting,"messages":["?OTR:…"],"secrets":{"ecdh":["<hex>"],"dh":["<hex>"]}}',
    output:
      '{"fingerprints":{…},"ssid":"<hex>","messages":[…],"missing":0,"unmatchedKeys":0,"unverifiable":0};\n' +
      "           secrets: those of one side, may be left out",
    run(input) {
      const secrets = input.has("secrets") ? secretsIn(input.object("secrets")) : undefined;
      const transcript = { ...settingIn(input), messages: input.texts("messages") };
      const { fingerprints, ssid, messages, ...counts } = taken(
        verifyTranscript(suite, transcript, { now: nowIn(input), secrets }),
      );
      return {
        fingerprints: { initiator: toHex(fingerprints.initiator), responder: toHex(fingerprints.responder) },
        ...(ssid && { ssid: toHex(ssid) }),
        messages: messages.map(({ plaintext, ...judged }) => ({
          ...judged,
          ...(plaintext && { text: plaintext.text, tlvs: tlvsOut(plaintext.tlvs) }),
        })),
        ...counts,
      };
    },
  },
};

function forgeryIn(input: Input): Parameters<typeof forgeDake>[2] {
  const secret = input.has("secret") ? input.bytes("secret") : undefined;
  return { ...settingIn(input), now: nowIn(input), secret };
}

function changedFields(message: DataMessage, fields: Input): DataMessage {
  const changed: { -readonly [K in keyof DataMessage]: DataMessage[K] } = { ...message };
  for (const name of fields.names()) {
    switch (name) {
      case "senderTag":
      case "receiverTag":
        changed[name] = parseTag(fields.text(name)) ?? wrongField(name);
        break;
      case "flags":
      case "previousCount":
      case "ratchetId":
      case "messageId": {
        const value = fields.count(name);
        changed[name] = value <= (name === "flags" ? 0xff : 0xffffffff) ? value : wrongField(name);
        break;
      }
      case "ecdhKey":
        changed.ecdh = fields.bytes(name);
        break;
      case "dhKey":
        changed.dh = fields.bytes(name);
        break;
      case "ciphertext":
        changed.ciphertext = fields.bytes(name);
        break;
      case "revealedMacKeys":
        changed.revealed = fields.list(name);
        break;
      default:
        wrongField(name);
    }
  }
  return changed;
}

function wrongField(name: string): never {
  throw new CommandError(`"fields.${name}" is no field of a data message, or not such a value.`);
}

function ratchetOut({ latest, rootKey, braceKey, sending, receiving }: Ratchet): Json {
  return {
    ratchet: latest,
    rootKey: toHex(rootKey),
    braceKey: toHex(braceKey),
    ...(sending && { sendingChainKey: toHex(sending.chainKey) }),
    ...(receiving && { receivingChainKey: toHex(receiving.chainKey) }),
  };
}

function tlvsIn(input: Input): { readonly tlvs?: readonly Tlv[] } {
  return input.has("tlvs") ? { tlvs: input.tlvs("tlvs") } : {};
}

function tlvsOut(tlvs: readonly Tlv[]): Json[] {
  return tlvs.map(({ type, value }) => ({ type, value: toHex(value) }));
}
