// Armor: what an OTR message looks like as text (spec/03, "Armor"; draft "Encoded Messages", "Query Messages",
// "Whitespace Tags", "OTR Error Messages").
import { accept, type Result, reject } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { type Fragment, parseFragment } from "./fragment.ts";

/** 1: the message could not be read. 2: it came when there was no private conversation. 3: malformed or wrong tags. */
export type ErrorNumber = 1 | 2 | 3;

/** What a received text is. */
export type Incoming =
  | { readonly kind: "query"; readonly versions: string; readonly text: string }
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "fragment"; readonly fragment: Fragment }
  | { readonly kind: "error"; readonly code: ErrorNumber | undefined; readonly text: string }
  | { readonly kind: "tagged"; readonly versions: string; readonly text: string }
  | { readonly kind: "plain"; readonly text: string };

const FRAGMENT = "?OTR|";
const MESSAGE = "?OTR:";
const ERROR = "?OTR Error:";
const QUERY = "?OTRv";

/**
 * Tells what a text is and takes off the armor. OTR's own markers count at the very start only: inside a text they are
 * somebody's words. Whitespace tags count anywhere; the first one is taken out.
 *
 * Rejections: MALFORMED (an armor or fragment that is none), TOO_LARGE, UNSUPPORTED_VERSION and WRONG_TAG (fragments).
 */
export function parseIncoming(text: string, limits: Limits): Result<Incoming> {
  if (text.startsWith(FRAGMENT)) {
    const fragment = parseFragment(text, limits);
    return fragment.ok ? accept({ kind: "fragment", fragment: fragment.value }) : fragment;
  }
  if (text.startsWith(MESSAGE)) return parseMessage(text, limits);
  if (text.startsWith(ERROR)) return accept(parseError(text));
  if (text.startsWith(QUERY)) {
    const query = parseQuery(text);
    if (query !== undefined) return accept(query);
  }
  return accept(parseTagged(text) ?? { kind: "plain", text });
}

/** `?OTR:` ‖ base64 ‖ `.` */
export function armor(bytes: Uint8Array): string {
  return `${MESSAGE}${encodeBase64(bytes)}.`;
}

/** Asks for version 4, with a text that people without OTR get to see. */
export function queryMessage(text: string): string {
  return text === "" ? "?OTRv4?" : `?OTRv4? ${text}`;
}

/** An error message with the draft's code and words of ours. */
export function errorMessage(code: ErrorNumber): string {
  return `${ERROR} ERROR_${code}: ${ERROR_TEXT[code]}`;
}

/** Sixteen characters that say OTR, eight that say version 4: append to a text to offer OTR. */
export function whitespaceTag(): string {
  return TAG + TAG_VERSION_4;
}

const ERROR_TEXT: Readonly<Record<ErrorNumber, string>> = {
  1: "This message could not be read.",
  2: "There is no private conversation for this message.",
  3: "This message is malformed.",
};

const TAG = " \t  \t\t\t\t \t \t \t  ";
const TAG_VERSION_1 = " \t \t  \t ";
const TAG_VERSION_4 = "  \t\t \t  ";

function parseMessage(text: string, limits: Limits): Result<Incoming> {
  if (text.length > limits.messageChars) return reject("TOO_LARGE", `A message of ${text.length} characters.`);
  if (!text.endsWith(".")) return reject("MALFORMED", "An OTR message without its final full stop.");
  const bytes = decodeBase64(text, MESSAGE.length, text.length - 1);
  return bytes === undefined
    ? reject("MALFORMED", "An OTR message that is not base64.")
    : accept({ kind: "message", bytes });
}

function parseError(text: string): Incoming {
  const rest = text.slice(ERROR.length).trim();
  const match = /^ERROR_([123]):\s*/.exec(rest);
  if (match === null) return { kind: "error", code: undefined, text: rest };
  return { kind: "error", code: Number(match[1]) as ErrorNumber, text: rest.slice(match[0].length) };
}

// No version at all ("?OTRv?") is a query only when nothing sticks to it: "?OTRv?4?" is not one.
const QUERY_LAYOUT = /^\?OTRv(?:([!->@-~]{1,64})\?|\?(?=\s|$))\s*/;

function parseQuery(text: string): Incoming | undefined {
  const match = QUERY_LAYOUT.exec(text);
  return match === null ? undefined : { kind: "query", versions: match[1] ?? "", text: text.slice(match[0].length) };
}

// A version is its ASCII code in eight bits, a space for 0 and a tab for 1, except version 1.
function parseTagged(text: string): Incoming | undefined {
  const start = text.indexOf(TAG);
  if (start === -1) return undefined;
  let end = start + TAG.length;
  let versions = "";
  for (;;) {
    const group = text.slice(end, end + 8);
    if (group === TAG_VERSION_1) versions += "1";
    else if (/^ {2}\t\t[ \t]{4}$/.test(group)) versions += versionOf(group);
    else break;
    end += 8;
  }
  return versions === "" ? undefined : { kind: "tagged", versions, text: text.slice(0, start) + text.slice(end) };
}

function versionOf(group: string): string {
  let code = 0;
  for (const bit of group) code = code * 2 + (bit === "\t" ? 1 : 0);
  return String.fromCharCode(code);
}
