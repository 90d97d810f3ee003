// MIME entities: headers and parts, read strictly and within bounds (spec/06, "Mail"; RFC 5322 section 2, RFC 2046).
import { accept, type Result, reject } from "../errors.ts";

/** A header block and what follows it. */
export interface Entity {
  /** The value of a header by its lower-case name, unfolded; empty when it is missing. */
  header(name: string): string;
  readonly body: string;
}

/** The value of a structured header, in lower case, and its parameters. */
export interface Parameters {
  readonly value: string;
  get(name: string): string | undefined;
}

const MAX_HEADER_CHARS = 262_144;
const MAX_HEADERS = 1000;
const MAX_PARTS = 16;
const MAX_BOUNDARY = 70;
/** Headers of which a second one would leave open which counts. */
const SINGLE: ReadonlySet<string> = new Set(["from", "to", "message-id", "content-type", "content-transfer-encoding"]);

/** Splits an entity into headers and body. Lines may end in CRLF or LF. Rejections: `MALFORMED`, `TOO_LARGE`. */
export function parseEntity(text: string): Result<Entity> {
  const end = /\r?\n\r?\n/.exec(text.slice(0, MAX_HEADER_CHARS));
  if (end === null) {
    return text.length > MAX_HEADER_CHARS
      ? reject("TOO_LARGE", "The headers of the mail are longer than the limits allow.")
      : reject("MALFORMED", "The headers of the mail have no end.");
  }
  const lines = text
    .slice(0, end.index)
    .replace(/\r?\n[ \t]+/g, " ")
    .split(/\r?\n/);
  if (lines.length > MAX_HEADERS) return reject("TOO_LARGE", "The mail has too many headers.");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!-9;-~]+)[ \t]*:(.*)$/.exec(line);
    if (match === null) return reject("MALFORMED", "A line among the headers of the mail is no header.");
    const name = (match[1] as string).toLowerCase();
    if (headers.has(name) && SINGLE.has(name)) return reject("MALFORMED", `The mail has two headers named ${name}.`);
    headers.set(name, (match[2] as string).trim());
  }
  const body = text.slice(end.index + end[0].length);
  return accept({ header: (name) => headers.get(name) ?? "", body });
}

/** Reads `type/subtype; name=value; name="value"`; `undefined` when it is not of that form. */
export function parameters(header: string): Parameters | undefined {
  const match = /^([^\s;]+)[ \t]*(.*)$/.exec(header);
  if (match === null) return undefined;
  const values = new Map<string, string>();
  let rest = match[2] as string;
  while (rest !== "") {
    const next = /^;[ \t]*(?:([!#-'*+\-.0-9A-Z^-~]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*)?/.exec(rest);
    if (next === null) return undefined;
    const [all, name, quoted, token] = next;
    if (name !== undefined) {
      if (values.has(name.toLowerCase())) return undefined;
      values.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? token ?? "");
    }
    rest = rest.slice(all.length);
  }
  return { value: (match[1] as string).toLowerCase(), get: (name) => values.get(name) };
}

/** Splits a multipart body; what stands before the first and after the last boundary is passed over. */
export function splitMultipart(body: string, boundary: string | undefined): Result<readonly Entity[]> {
  if (boundary === undefined || boundary === "" || boundary.length > MAX_BOUNDARY) {
    return reject("MALFORMED", "The mail names no usable boundary between its parts.");
  }
  const parts: Entity[] = [];
  let lines: string[] | undefined;
  for (const line of body.split(/\r?\n/)) {
    const mark = line.trimEnd();
    if (mark !== `--${boundary}` && mark !== `--${boundary}--`) {
      lines?.push(line);
      continue;
    }
    if (lines !== undefined) {
      if (parts.length === MAX_PARTS) return reject("TOO_LARGE", "The mail has too many parts.");
      const part = parseEntity(lines.join("\n"));
      if (!part.ok) return part;
      parts.push(part.value);
    }
    if (mark.endsWith("--") && mark !== `--${boundary}`) return accept(parts);
    lines = [];
  }
  return reject("MALFORMED", "The last part of the mail has no end.");
}
