// What the forging tools read: one JSON object, its fields checked one by one (spec/12, "forge").
import { fromHex, toHex, utf8 } from "../bytes.ts";
import type { Result } from "../errors.ts";
import type { Line } from "../forge/play.ts";
import type { SessionSecrets } from "../forge/secrets.ts";
import type { Place, Role, Setting } from "../forge/setting.ts";
import { defaultLimits } from "../limits.ts";
import { parseIncoming } from "../wire/armor.ts";
import { type ClientProfile, decodeClientProfile } from "../wire/client-profile.ts";
import { decodeMessage } from "../wire/messages.ts";
import type { Tlv } from "../wire/tlv.ts";
import { CommandError } from "./io.ts";
import { parseTlvs } from "./peer-command.ts";

export type Json = Readonly<Record<string, unknown>>;

/** The fields of an object, by name. All fail with a CommandError that names the field. */
export interface Input {
  has(name: string): boolean;
  text(name: string): string;
  texts(name: string): string[];
  /** Hexadecimal. */
  bytes(name: string): Uint8Array;
  /** A list of it. */
  list(name: string): Uint8Array[];
  /** True or false; false unless given. */
  flag(name: string): boolean;
  /** An integer from 0. */
  count(name: string): number;
  object(name: string): Input;
  objects(name: string): Input[];
  tlvs(name: string): readonly Tlv[];
  one<T extends string>(name: string, ...words: readonly T[]): T;
  /** The names that are there. */
  names(): readonly string[];
}

export function inputOf(json: Json, path: string = ""): Input {
  const wrong = (name: string, what: string): CommandError => new CommandError(`"${path}${name}" is not ${what}.`);
  const isObject = (value: unknown): value is Json =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const array = (name: string, what: string): readonly unknown[] => {
    const value = json[name];
    if (!Array.isArray(value)) throw wrong(name, what);
    return value;
  };
  const bytesOf = (name: string, value: unknown): Uint8Array => {
    const bytes = typeof value === "string" ? fromHex(value) : undefined;
    if (bytes === undefined) throw wrong(name, "there as hexadecimal");
    return bytes;
  };
  const textOf = (name: string, value: unknown): string => {
    if (typeof value !== "string") throw wrong(name, "there as a text");
    return value;
  };
  return {
    has: (name) => json[name] !== undefined && json[name] !== null,
    text: (name) => textOf(name, json[name]),
    texts: (name) => array(name, "a list of texts").map((value) => textOf(name, value)),
    bytes: (name) => bytesOf(name, json[name]),
    list: (name) => array(name, "a list of hexadecimal texts").map((value) => bytesOf(name, value)),
    flag(name) {
      const value = json[name] ?? false;
      if (typeof value !== "boolean") throw wrong(name, "true or false");
      return value;
    },
    count(name) {
      const value = json[name];
      if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw wrong(name, "a number from 0");
      return value;
    },
    object(name) {
      const value = json[name];
      if (!isObject(value)) throw wrong(name, "there as an object");
      return inputOf(value, `${path}${name}.`);
    },
    objects: (name) =>
      array(name, "a list of objects").map((value, i) => {
        if (!isObject(value)) throw wrong(name, "a list of objects");
        return inputOf(value, `${path}${name}[${i}].`);
      }),
    tlvs(name) {
      const tlvs = parseTlvs(json[name]);
      if (tlvs === undefined) throw wrong(name, 'a list of {"type": 0 to 65535, "value": hexadecimal}');
      return tlvs;
    },
    one(name, ...words) {
      const value = words.find((word) => word === json[name]);
      if (value === undefined) throw wrong(name, `one of ${words.join(", ")}`);
      return value;
    },
    names: () => Object.keys(json),
  };
}

/** The value, or the reason as a CommandError. */
export function taken<T>(result: Result<T>): T {
  if (!result.ok) throw new CommandError(`${sentence(result.why)} (${result.code})`);
  return result.value;
}

function sentence(why: string): string {
  return `${why.charAt(0).toUpperCase()}${why.slice(1).replace(/\.$/, "")}.`;
}

/** A client profile in hexadecimal, or the Identity or Auth-R message that brought it. */
export function profileIn(input: Input, name: string): ClientProfile {
  const text = input.text(name);
  if (!text.startsWith("?OTR")) return taken(decodeClientProfile(input.bytes(name), defaultLimits));
  const incoming = taken(parseIncoming(text, defaultLimits));
  const message = incoming.kind === "message" ? taken(decodeMessage(incoming.bytes, defaultLimits)) : undefined;
  if (message?.kind === "identity" || message?.kind === "auth-r") return message.profile;
  throw new CommandError(`"${name}" is neither a client profile nor a message that brings one.`);
}

/** Both profiles, and phi′: `accounts` of a chat with addresses, or `place` byte by byte. */
export function settingIn(input: Input): Setting {
  return { initiator: profileIn(input, "initiator"), responder: profileIn(input, "responder"), place: placeIn(input) };
}

function placeIn(input: Input): Place {
  if (input.has("place")) {
    const place = input.object("place");
    const shared = place.has("shared") ? place.list("shared") : [];
    return { initiator: place.bytes("initiator"), responder: place.bytes("responder"), shared };
  }
  const accounts = input.object("accounts");
  return { initiator: utf8(accounts.text("initiator")), responder: utf8(accounts.text("responder")), shared: [] };
}

const ROLES = ["initiator", "responder"] as const satisfies readonly Role[];

export function linesIn(input: Input): Line[] {
  return input.objects("lines").map((line) => ({
    from: line.one("from", ...ROLES),
    text: line.has("text") ? line.text("text") : "",
    tlvs: line.has("tlvs") ? line.tlvs("tlvs") : [],
    crossing: line.flag("crossing"),
  }));
}

export function closedByIn(input: Input): Role | "nobody" {
  return input.has("closedBy") ? input.one("closedBy", ...ROLES, "nobody") : "initiator";
}

export function secretsIn(input: Input): SessionSecrets {
  return { ecdh: input.list("ecdh"), dh: input.list("dh") };
}

/** Seconds since 1970: what was given, or the time now. */
export function nowIn(input: Input): number {
  return input.has("now") ? input.count("now") : Math.floor(Date.now() / 1000);
}

export function secretsOut({ ecdh, dh }: SessionSecrets): Json {
  return { ecdh: ecdh.map(toHex), dh: dh.map(toHex) };
}
