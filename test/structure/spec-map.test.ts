// The map, spec/11: from every section to its code, tests and vectors, and back. Each rule is tried on a map that
// breaks it as well.
import { describe, expect, it } from "vitest";
import { readSources, type Sources } from "./sources.ts";

const MAP = "spec/11-map.md";

const tests = [...readSources("test", ".test.ts").keys()];
const vectors = [...readSources("vectors", ".json").keys()];
const chapters = readSources("spec", ".md");

/** Everything that a map may be wrong about. */
interface World {
  readonly map: string;
  /** spec/NN-….md to their text. */
  readonly chapters: Sources;
  readonly sources: Sources;
  /** Paths of tests and vectors. */
  readonly files: readonly string[];
}

const real: World = {
  map: chapters.get(MAP) ?? "",
  chapters,
  sources: readSources("src", ".ts"),
  files: [...tests, ...vectors],
};

interface Row {
  /** `4.4 Transcripts` */
  readonly section: string;
  /** `04-handshake-and-ratchet.md#44-transcripts` */
  readonly target: string;
  /** Paths inside the repository. */
  readonly paths: readonly string[];
}

/** The rows whose first cell is a link to a section. */
function rowsOf(map: string): readonly Row[] {
  return [...map.matchAll(/^\| \[(\d+\.\d+ [^\]]+)\]\(([^)]+)\) \|(.*)$/gm)].map(([, section, target, rest]) => ({
    section: section as string,
    target: target as string,
    paths: [...(rest as string).matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path]) => path as string),
  }));
}

interface Section {
  readonly chapter: string;
  readonly title: string;
  readonly target: string;
}

/** The numbered sections of all chapters, with the anchors that they get on the web. */
function sectionsOf(texts: Sources): readonly Section[] {
  return [...texts].flatMap(([path, text]) =>
    path === MAP
      ? []
      : [...text.matchAll(/^## (\d+\.\d+ .+)$/gm)].map(([, title]) => ({
          chapter: path.slice("spec/".length),
          title: title as string,
          target: `${path.slice("spec/".length)}#${anchorOf(title as string)}`,
        })),
  );
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** Chapter and titles that a source names in its first comment. */
function referenceOf(text: string): { readonly chapter: string; readonly titles: readonly string[] } | undefined {
  const comment = text
    .replace(/^#!.*\n/, "")
    .split("\n")
    .slice(0, 4)
    .filter((line) => line.startsWith("//"))
    .map((line) => line.slice(2).trim())
    .join(" ");
  const match = /\bspec\/(\d\d)((?:,? (?:and )?(?:\d+(?:\.\d+)* )?"[^"]+")*)/.exec(comment);
  if (match === null) return undefined;
  return {
    chapter: match[1] as string,
    titles: [...(match[2] as string).matchAll(/"([^"]+)"/g)].map(([, title]) => title as string),
  };
}

const rules: Readonly<Record<string, (world: World) => readonly string[]>> = {
  "every section it names is there": ({ map, chapters }) => {
    const sections = sectionsOf(chapters);
    return rowsOf(map)
      .filter(({ section, target }) => !sections.some((one) => one.title === section && one.target === target))
      .map(({ section, target }) => `${section} is not at ${target}`);
  },
  "every section is in it": ({ map, chapters }) => {
    const rows = rowsOf(map);
    return sectionsOf(chapters)
      .filter(({ target }) => !rows.some((row) => row.target === target))
      .map(({ chapter, title }) => `${title} of ${chapter} is missing`);
  },
  "every path in it exists": ({ map, sources, files }) => {
    const known = [...sources.keys(), ...files];
    return [...map.matchAll(/\]\(\.\.\/([^)]+)\)/g)]
      .map(([, path]) => path as string)
      .filter((path) => !(path.endsWith("/") ? known.some((file) => file.startsWith(path)) : known.includes(path)))
      .map((path) => `${path} does not exist`);
  },
  "every source, test and vector is in it": ({ map, sources, files }) => {
    const paths = rowsOf(map).flatMap((row) => row.paths);
    return [...sources.keys(), ...files]
      .filter((file) => !paths.some((path) => path === file || (path.endsWith("/") && file.startsWith(path))))
      .map((file) => `${file} is missing`);
  },
  "a source stands where its first line says": ({ map, sources }) => {
    const rows = rowsOf(map);
    return [...sources].flatMap(([path, text]) => {
      const reference = referenceOf(text);
      if (reference === undefined) return [`${path} names no section`];
      const own = rows.filter((row) => row.target.startsWith(`${reference.chapter}-`) && row.paths.includes(path));
      if (own.length === 0) return [`${path} is not under chapter ${reference.chapter}`];
      return reference.titles
        .filter((title) => !own.some(({ section }) => section.replaceAll("`", "").replace(/^\S+ /, "") === title))
        .map((title) => `${path} is not beside "${title}"`);
    });
  },
};

const broken: World = {
  map: [
    "| [4.1 phi](04-x.md#41-phi) | | [dake/phi.ts](../src/dake/phi.ts) | [dake/](../test/dake/) | |",
    "| [4.9 Gone](04-x.md#49-gone) | | [dake/gone.ts](../src/dake/gone.ts) | | |",
    "| [4.3 `send`](04-x.md#43-send) | | [dake/check.ts](../src/dake/check.ts) | | |",
  ].join("\n"),
  chapters: new Map([["spec/04-x.md", "# 4 X\n\n## 4.1 phi\n\n## 4.2 Transcripts\n\n## 4.3 `send`\n"]]),
  sources: new Map([
    ["src/dake/phi.ts", '// Phi (spec/04, "phi" and\n// "Transcripts").\n'],
    ["src/dake/check.ts", '#!/usr/bin/env node\n// Checks (spec/05, "Keys").\n'],
    ["src/dake/late.ts", "// Nothing.\n"],
  ]),
  files: ["test/dake/phi.test.ts", "vectors/a.json"],
};

const complaints: Readonly<Record<string, readonly string[]>> = {
  "every section it names is there": ["4.9 Gone is not at 04-x.md#49-gone"],
  "every section is in it": ["4.2 Transcripts of 04-x.md is missing"],
  "every path in it exists": ["src/dake/gone.ts does not exist"],
  "every source, test and vector is in it": ["src/dake/late.ts is missing", "vectors/a.json is missing"],
  "a source stands where its first line says": [
    'src/dake/phi.ts is not beside "Transcripts"',
    "src/dake/check.ts is not under chapter 05",
    "src/dake/late.ts names no section",
  ],
};

describe.each(Object.keys(rules))("the map: %s", (name) => {
  const rule = rules[name] as (world: World) => readonly string[];

  it("holds", () => {
    expect(rule(real)).toEqual([]);
  });

  it("would be noticed otherwise", () => {
    expect(rule(broken)).toEqual(complaints[name]);
  });
});

describe("the map", () => {
  it("is read", () => {
    expect(rowsOf(real.map).length).toBeGreaterThan(60);
  });
});
