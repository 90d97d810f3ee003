// The inspector: every field of OTR messages and fragments (spec/12, "inspect").
import { suite } from "#crypto";
import { fromUtf8 } from "../bytes.ts";
import { type Fields, type FieldValue, type Parsed, parse } from "../forge/parse.ts";
import { defaultLimits } from "../limits.ts";
import { collect } from "../session/fragments.ts";
import type { Reassembly } from "../session/types.ts";
import { parseFragment } from "../wire/fragment.ts";
import { parseArguments } from "./args.ts";
import { type Command, CommandError, type ExitCode, exit, type Io, readAll } from "./io.ts";
import { chop, type Paint, paintFor, printable } from "./paint.ts";

const MAX_INPUT_BYTES = 4 * defaultLimits.messageChars;
const HELP = `Usage: sottovoce inspect [--json] < FILE

Shows every field of the OTR messages on standard input, one a line: messages ("?OTR:…."), fragments ("?OTR|…,"), which
are also put together, query messages and error messages. Nothing is verified or decrypted: it needs no key.

Options:
  --json   one JSON object a line, bytes in hexadecimal:
           {"kind":"identity|auth-r|auth-i|data|fragment|query|error|tagged|plain","fields":{…}}

What cannot be read is named on standard error, by number, with the code of the rejection; the exit code is then 1.
`;

export const inspectCommand: Command = {
  summary: "every field of OTR messages and fragments",
  help: HELP,
  async run(args, io) {
    const { values } = parseArguments(args, { json: { type: "boolean" } });
    const texts = fromUtf8(await readAll(io.input, MAX_INPUT_BYTES))
      .split(/\r?\n|(?<=,)(?=\?OTR\|)/)
      .filter((text) => text !== "");
    if (texts.length === 0) throw new CommandError("There is nothing on standard input: one OTR message a line.");
    const paint = paintFor(io);
    const show = values.json
      ? (parsed: Parsed): string => `${JSON.stringify(parsed)}\n`
      : (parsed: Parsed): string => describe(parsed, paint);
    return await inspect(texts, io, show);
  },
};

async function inspect(texts: readonly string[], io: Io, show: (parsed: Parsed) => string): Promise<ExitCode> {
  let code: ExitCode = exit.ok;
  let fragments: readonly Reassembly[] = [];
  const one = async (text: string, number: number): Promise<void> => {
    const parsed = parse(suite, text);
    if (parsed.ok) return await io.out(show(parsed.value));
    code = exit.failed;
    io.err(`sottovoce: message ${number}: ${parsed.why} (${parsed.code})\n`);
  };
  for (const [i, text] of texts.entries()) {
    await one(text, i + 1);
    const fragment = parseFragment(text, defaultLimits);
    const collected = fragment.ok ? collect(fragments, fragment.value, 0, defaultLimits) : fragment;
    if (!collected.ok) continue;
    fragments = collected.value.fragments;
    if (collected.value.complete !== undefined) await one(collected.value.complete, i + 1);
  }
  for (const { identifier, pieces, total } of fragments) {
    io.err(
      `sottovoce: of message ${identifier.toString(16).padStart(8, "0")}, ${pieces.size} of ${total} fragments.\n`,
    );
  }
  return code;
}

const LABEL_COLUMNS = 24;
const VALUE_COLUMNS = 76;
const TITLES: Readonly<Record<Parsed["kind"], string>> = {
  identity: "Identity message",
  "auth-r": "Auth-R message",
  "auth-i": "Auth-I message",
  data: "Data message",
  fragment: "Fragment",
  query: "Query message",
  error: "Error message",
  tagged: "Text with a whitespace tag",
  plain: "Plain text, no OTR message",
};

function describe({ kind, fields }: Parsed, paint: Paint): string {
  return `${paint.bold(TITLES[kind])}\n${describeFields(fields, 1, paint)}\n`;
}

function describeFields(fields: Fields, depth: number, paint: Paint): string {
  return Object.entries(fields)
    .map(([name, value]) => describeField(name, value, depth, paint))
    .join("");
}

function describeField(name: string, value: FieldValue, depth: number, paint: Paint): string {
  const indent = "  ".repeat(depth);
  const label = `${indent}${labelOf(name)}`.padEnd(LABEL_COLUMNS);
  if (typeof value === "object" && !Array.isArray(value)) {
    return `${paint.dim(label.trimEnd())}\n${describeFields(value as Fields, depth + 1, paint)}`;
  }
  const texts = (Array.isArray(value) ? value.map(String) : [explain(name, value)]).map(printable);
  const lines =
    texts.length === 0 ? ["none"] : texts.flatMap((text) => chop(text === "" ? "none" : text, VALUE_COLUMNS));
  return lines.map((line, i) => `${i === 0 ? paint.dim(label) : " ".repeat(LABEL_COLUMNS)}${line}\n`).join("");
}

/** `ecdhKey` as "ECDH key". */
function labelOf(name: string): string {
  return name
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/\b(?:ecdh|dh|mac|dsa)\b/g, (word) => word.toUpperCase());
}

function explain(name: string, value: FieldValue): string {
  if (name === "type" && typeof value === "number") return `0x${value.toString(16).padStart(2, "0")}`;
  if (name === "expires") {
    const date = new Date(Number(value) * 1000);
    return Number.isNaN(date.getTime()) ? String(value) : `${value} (${date.toISOString()})`;
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}
