// The commands of `sottovoce peer`: one line of JSON to one thing to do (spec/12, "peer").
import { fromHex } from "../bytes.ts";
import type { Tlv } from "../wire/tlv.ts";
import { parseObject } from "./json.ts";

export type PeerCommand =
  | { readonly do: "start" }
  | { readonly do: "query"; readonly text: string }
  | { readonly do: "receive"; readonly message: string }
  | { readonly do: "send"; readonly text: string; readonly tlvs: readonly Tlv[] }
  | { readonly do: "heartbeat" }
  | { readonly do: "close" }
  | { readonly do: "expire" }
  | { readonly do: "clock"; readonly now: number }
  | { readonly do: "state" };

/** Why a line is no command. */
export interface BadCommand {
  readonly do: "nothing";
  readonly code: "BAD_JSON" | "BAD_COMMAND" | "BAD_ARGUMENT" | "TOO_LARGE";
  readonly message: string;
}

export function parseCommand(line: string): PeerCommand | BadCommand {
  const object = parseObject(line);
  if (object === undefined) return bad("BAD_JSON", "The line is not a JSON object.");
  const name = object["do"];
  switch (name) {
    case "start":
    case "heartbeat":
    case "close":
    case "expire":
    case "state":
      return { do: name };
    case "query": {
      const text = object["text"] ?? "";
      return typeof text === "string" ? { do: name, text } : bad("BAD_ARGUMENT", '"text" is not a string.');
    }
    case "receive": {
      const { message } = object;
      return typeof message === "string"
        ? { do: name, message }
        : bad("BAD_ARGUMENT", '"message" is missing or not a string.');
    }
    case "send": {
      const text = object["text"] ?? "";
      if (typeof text !== "string") return bad("BAD_ARGUMENT", '"text" is not a string.');
      const tlvs = parseTlvs(object["tlvs"] ?? []);
      return tlvs === undefined
        ? bad("BAD_ARGUMENT", '"tlvs" is not a list of {"type": 0 to 65535, "value": hexadecimal}.')
        : { do: name, text, tlvs };
    }
    case "clock": {
      const { now } = object;
      return isTime(now) ? { do: name, now } : bad("BAD_ARGUMENT", '"now" is not a number of seconds since 1970.');
    }
    default:
      return bad("BAD_COMMAND", `There is no such command: ${JSON.stringify(name ?? null).slice(0, 80)}.`);
  }
}

/** Seconds since 1970 that an encoded profile can hold, and more than enough. */
export function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** `undefined` for what is no list of TLVs, values in hexadecimal. */
export function parseTlvs(list: unknown): readonly Tlv[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const tlvs: Tlv[] = [];
  for (const entry of list as readonly unknown[]) {
    if (typeof entry !== "object" || entry === null) return undefined;
    const { type, value = "" } = entry as Record<string, unknown>;
    const bytes = typeof value === "string" ? fromHex(value) : undefined;
    if (typeof type !== "number" || !Number.isInteger(type) || type < 0 || type > 0xffff) return undefined;
    if (bytes === undefined) return undefined;
    tlvs.push({ type, value: bytes });
  }
  return tlvs;
}

function bad(code: BadCommand["code"], message: string): BadCommand {
  return { do: "nothing", code, message };
}
