// Colours and columns of the terminal, honouring NO_COLOR and pipes (spec/12, "Commands").
import type { Io } from "./io.ts";

/** Marks up text, or leaves it as it is where nobody would see it. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly alice: (text: string) => string;
  readonly bob: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
}

/** Colours on a terminal, unless NO_COLOR is set (no-color.org); elsewhere only when FORCE_COLOR is. */
export function paintFor({ watched, env }: Pick<Io, "watched" | "env">): Paint {
  const { NO_COLOR: no, FORCE_COLOR: force } = env;
  const wanted = (force ?? "") !== "" && force !== "0";
  const colours = (no ?? "") === "" && (wanted || (watched && env["TERM"] !== "dumb"));
  const sgr = (on: number, off: number): ((text: string) => string) =>
    colours ? (text) => `\u001b[${on}m${text}\u001b[${off}m` : (text) => text;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    alice: sgr(35, 39),
    bob: sgr(36, 39),
    good: sgr(32, 39),
    warn: sgr(33, 39),
  };
}

/** A text of somebody else, so that nothing in it controls the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Breaks a text between words so that no line has more than `width` characters, unless a word has. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Breaks a text anywhere, so that no line has more than `width` characters. */
export function chop(text: string, width: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < text.length; i += width) lines.push(text.slice(i, i + width));
  return lines.length === 0 ? [""] : lines;
}
