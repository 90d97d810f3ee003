// Tables and references of spec/ that must say what the code says.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { usage } from "../../src/crypto/kdf.ts";
import { defaultLimits } from "../../src/limits.ts";
import { messageType } from "../../src/wire/header.ts";
import { readSources } from "./sources.ts";

const chapters = readSources("spec", ".md");
const root = new URL("../../", import.meta.url);

/** The rows of the tables under a heading, heads left out. */
function tablesUnder(title: string): readonly (readonly string[])[] {
  for (const text of chapters.values()) {
    const start = text.search(new RegExp(`^## [\\d.]+ ${title}$`, "m"));
    if (start < 0) continue;
    const end = text.indexOf("\n## ", start + 1);
    const section = text.slice(start, end < 0 ? undefined : end).replaceAll(/^```[\s\S]*?^```/gm, "");
    return [...section.matchAll(/^\| (.*) \|$/gm)]
      .map(([, row]) => (row as string).split(/(?<!\\) \| /).map((cell) => cell.replaceAll("`", "")))
      .filter((_, i, rows) => !isRule(rows[i]) && !isRule(rows[i + 1]));
  }
  throw new Error(`no section ${title}`);
}

function isRule(row: readonly string[] | undefined): boolean {
  return row?.every((cell) => /^-+$/.test(cell)) === true;
}

/** The string literals of a union type in a source file, from its name to a semicolon before an empty line. */
function unionOf(file: string, name: string): readonly string[] {
  const text = readFileSync(new URL(file, root), "utf8");
  const declaration = text.slice(text.indexOf(`export type ${name} =`)).split(/;\n(?=\n|$)/)[0] as string;
  return [...declaration.matchAll(/^ {2}\| "(\w+)"|readonly type: "([\w-]+)"/gm)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
}

function first(rows: readonly (readonly string[])[]): readonly string[] {
  return rows.map(([cell]) => cell ?? "");
}

describe("spec/02", () => {
  it("names every usage id", () => {
    const rows = tablesUnder("Key derivation").map(([id, name]) => [name, Number(id)]);
    expect(rows).toEqual(Object.entries(usage));
  });
});

describe("spec/03", () => {
  it("names every type of message", () => {
    const types = tablesUnder("Header").map(([type]) => Number(type));
    expect(types).toEqual(Object.values(messageType));
  });
});

describe("spec/07", () => {
  it("names every event", () => {
    const events = unionOf("src/session/step.ts", "SessionEvent");
    expect(events.length).toBeGreaterThan(10);
    expect(first(tablesUnder("Events")).toSorted()).toEqual(events.toSorted());
  });
});

describe("the stored form in spec/07", () => {
  it("gives every field of every structure, in the order in which it is written", () => {
    const written = structsOf(readFileSync(new URL("src/session/encode.ts", root), "utf8"));
    expect(written.size).toBeGreaterThan(15);
    expect(layoutUnder("Stored form")).toEqual(written);
  });
});

/** The fields of each `struct<Name>({ … })`, by name. */
function structsOf(source: string): ReadonlyMap<string, readonly string[]> {
  const structs = new Map<string, readonly string[]>();
  for (const match of source.matchAll(/struct<(\w+)(?:\["(\w+)"\])?>\(\{/g)) {
    const fields: string[] = [];
    let depth = 1;
    for (let at = match.index + match[0].length; depth > 0; at++) {
      const character = source[at] as string;
      if (depth === 1) {
        const field = /^[{,]\s*(\w+)/.exec(source.slice(at - 1));
        if (field !== null) fields.push(field[1] as string);
      }
      if ("({[".includes(character)) depth++;
      if (")}]".includes(character)) depth--;
    }
    structs.set(match[2] === "identity" ? "OfferedIdentity" : (match[1] as string), fields);
  }
  return structs;
}

/** Lines `Name  field: type, field, …` of the block under a heading; lines that begin with spaces continue one. */
function layoutUnder(title: string): ReadonlyMap<string, readonly string[]> {
  const text = [...chapters.values()].find((chapter) => new RegExp(`^## [\\d.]+ ${title}$`, "m").test(chapter)) ?? "";
  const block = /```\n([\s\S]*?)```/.exec(text.slice(text.search(new RegExp(`^## [\\d.]+ ${title}$`, "m"))))?.[1] ?? "";
  const lines = block.replaceAll(/\n +/g, " ").trim().split("\n");
  const structs = lines.map((line): [string, readonly string[]] => {
    const [name = "", ...rest] = line.split(/ +/);
    return [
      name,
      rest
        .join(" ")
        .split(/, */)
        .map((field) => field.replace(/:.*/, "")),
    ];
  });
  return new Map(structs.filter(([name]) => name !== "Piece"));
}

describe("spec/08", () => {
  it("gives every limit with its default, in the same order", () => {
    const rows = tablesUnder("Limits").map(([name, value]) => [name, Number(value)]);
    expect(rows).toEqual(Object.entries(defaultLimits));
  });

  it("names every code of errors, then of rejections", () => {
    const errors = unionOf("src/errors.ts", "ErrorCode");
    const rejections = unionOf("src/errors.ts", "RejectionCode");
    expect(errors.length).toBeGreaterThan(5);
    expect(first(tablesUnder("Errors and rejections"))).toEqual([...errors, ...rejections]);
  });

  it("speaks only of limits that are there, like every chapter", () => {
    const known = new Set(Object.keys(defaultLimits));
    const named = [...chapters.values()].flatMap((text) => [
      ...text.matchAll(/`(\w+(?:Seconds|PerMinute|PerMessage))`/g),
    ]);
    expect(named.map(([, name]) => name).filter((name) => !known.has(name ?? ""))).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
  });
});

describe("references inside spec/", () => {
  const titles = new Map(
    [...chapters.values()].flatMap((text) =>
      [...text.matchAll(/^## (\d+\.\d+) (.+)$/gm)].map(([, number, title]) => [number, title?.replaceAll("`", "")]),
    ),
  );

  it("name sections that are there, under their titles", () => {
    const wrong: string[] = [];
    for (const [path, text] of chapters) {
      const flat = text.replaceAll(/\s+/g, " ");
      for (const [, number, title] of flat.matchAll(/\bsections? (\d+\.\d+)(?:, "([^"]+)")?/g)) {
        const there = titles.get(number as string);
        if (there === undefined || (title !== undefined && title !== there))
          wrong.push(`${path}: ${number} ${title ?? ""}`);
      }
      for (const [, number] of flat.matchAll(/\((?:draft[^)]*|)(\d+\.\d+)(?:, \d+\.\d+)*\)/g)) {
        if (!titles.has(number as string)) wrong.push(`${path}: (${number})`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("point to files that are there", () => {
    const wrong: string[] = [];
    for (const [path, text] of chapters) {
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
        if (!existsSync(new URL(target as string, new URL(path, root)))) wrong.push(`${path}: ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
