// The structure of src/: layers, purity, packages, sizes, and the way from a file to its section of spec/. Each rule is
// tried on made-up sources that break it as well, so that none of them passes because it sees nothing.
import { describe, expect, it } from "vitest";
import * as rules from "./rules.ts";
import { importsOf, readSources, type Sources } from "./sources.ts";

const sources = readSources("src", ".ts");
const spec = readSources("spec", ".md");
const everything: Sources = new Map([...sources, ...readSources("test", ".ts"), ...readSources("scripts", ".mjs")]);

interface Case {
  readonly name: string;
  readonly rule: rules.Rule;
  readonly over: Sources;
  /** Sources that break the rule, and what it must say. */
  readonly broken: Readonly<Record<string, string>>;
  readonly says: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: "every file belongs to a layer",
    rule: rules.everyFileHasALayer,
    over: sources,
    broken: { "src/wire/tlv.ts": "", "src/util/misc.ts": "", "src/helpers.ts": "", "src/otr.ts": "" },
    says: ["src/util/misc.ts is in no layer", "src/helpers.ts is in no layer"],
  },
  {
    name: "no file imports from a later layer",
    rule: rules.noImportFromALaterLayer,
    over: sources,
    broken: {
      "src/wire/tlv.ts": 'import { a } from "../session/state.ts";\nimport type { B } from "../bytes.ts";\n',
      "src/crypto/kdf.ts": 'import type {\n  A,\n  B,\n} from "../wire/tlv.ts";\nimport { c } from "./node.ts";\n',
      "src/errors.ts": 'export * from "./limits.ts";\n',
      "src/dake/phi.ts": 'import { suite } from "#crypto";\nconst late = await import("../ratchet/keys.ts");\n',
      "src/index.ts": 'export { a } from "./hosts/a.ts";\nexport { b } from "./cli/main.ts";\n',
    },
    says: [
      "src/wire/tlv.ts imports src/session/state.ts, which is of a later layer",
      "src/crypto/kdf.ts imports src/wire/tlv.ts, which is of a later layer",
      "src/errors.ts imports src/limits.ts, which is of a later layer",
      "src/dake/phi.ts imports src/ratchet/keys.ts, which is of a later layer",
      "src/index.ts imports src/cli/main.ts, which is of a later layer",
    ],
  },
  {
    name: "no file imports an entry",
    rule: rules.noImportOfAnEntry,
    over: sources,
    broken: { "src/cli/main.ts": 'import { a } from "../otr.ts";\n', "src/otr.ts": "" },
    says: ["src/cli/main.ts imports src/otr.ts, which is for applications"],
  },
  {
    name: "every import can be followed",
    rule: rules.everyImportIsReadable,
    over: sources,
    broken: { "src/cli/main.ts": 'import "./gone.ts";\nconst a = await import(name);\nimport "openpgp";\n' },
    says: ["src/cli/main.ts imports src/cli/gone.ts, which does not exist", "src/cli/main.ts computes what it imports"],
  },
  {
    name: "no files import each other in a circle",
    rule: rules.noCycle,
    over: sources,
    broken: {
      "src/wire/a.ts": 'import { b } from "./b.ts";\n',
      "src/wire/b.ts": 'import type { C } from "./c.ts";\n',
      "src/wire/c.ts": 'import { b } from "./b.ts";\n',
    },
    says: ["src/wire/b.ts → src/wire/c.ts → src/wire/b.ts"],
  },
  {
    name: "packages and node: are imported in their places only",
    rule: rules.packagesInTheirPlace,
    over: sources,
    broken: {
      "src/wire/reader.ts": 'import { Buffer } from "node:buffer";\n',
      "src/session/state.ts": 'import * as openpgp from "openpgp";\n',
      "src/crypto/node.ts":
        'import { createHash } from "node:crypto";\nimport { shake256 } from "@noble/hashes/sha3.js";\n',
      "src/cli/main.ts": 'import "openpgp";\nimport "left-pad";\nimport "fs";\n',
    },
    says: [
      "src/wire/reader.ts may not import node:buffer",
      "src/session/state.ts may not import openpgp",
      "src/cli/main.ts may not import left-pad",
      "src/cli/main.ts may not import fs",
    ],
  },
  {
    name: "no clock, randomness or input and output below the store",
    rule: rules.pureBelowTheStore,
    over: sources,
    broken: {
      "src/session/state.ts": "const now = Date.now();\nconst then = new Date(seconds * 1000);\n",
      "src/wire/armor.ts": "/** Not with Date.now(). */\nexport const a = Buffer.from(b); // nor console.log\n",
      "src/carrier/folder.ts": "setTimeout(look, 1000);\n",
    },
    says: [
      "src/session/state.ts uses Date.now, which its layer gets handed in",
      "src/wire/armor.ts uses Buffer., which its layer gets handed in",
    ],
  },
  {
    name: "no file is longer than 300 lines",
    rule: rules.noLongFile,
    over: sources,
    broken: { "src/wire/a.ts": "a\n".repeat(300), "src/wire/b.ts": "b\n".repeat(301) },
    says: ["src/wire/b.ts has 301 lines, more than 300"],
  },
  {
    name: "no line is longer than 120 columns",
    rule: rules.noLongLine,
    over: everything,
    broken: { "src/wire/a.ts": `a\n${"b".repeat(120)}\n${"c".repeat(121)}\n` },
    says: ["src/wire/a.ts:3 has 121 columns"],
  },
  {
    name: "nothing is left to do",
    rule: rules.nothingLeftToDo,
    over: sources,
    broken: { "src/wire/a.ts": `// ${"TO"}${"DO"}: later\n` },
    says: [`src/wire/a.ts has a ${"TO"}${"DO"}`],
  },
  {
    name: "the first line says what a file is and names its section",
    rule: rules.firstLineSaysWhatAndWhere,
    over: sources,
    broken: {
      "src/wire/good.ts": '// Fragments: one message in pieces (spec/04, "Fragments").\n',
      "src/cli/main.ts": '#!/usr/bin/env node\n// The command line (spec/11, "Commands").\n',
      "src/wire/bad.ts": 'import { a } from "./a.ts";\n// Fragments (spec/04).\n',
      "src/wire/worse.ts": "// Fragments: one message in pieces.\n",
      "src/wire/empty.ts": "",
    },
    says: ["bad", "worse", "empty"].map(
      (name) => `src/wire/${name}.ts does not begin with a comment that says what it is and names its section, spec/NN`,
    ),
  },
  {
    name: "every section of spec/ that a file names is there",
    rule: rules.everyReferenceIsAHeading,
    over: new Map([...sources, ...spec]),
    broken: {
      "spec/04-messages.md": '# 4 Messages\n\n## 4.1 Fragments\n\n### `Limits`\n\nSee spec/04, "Records".\n',
      "src/wire/fragment.ts": '// Fragments (spec/04, "Fragments", "Limits" and "Expiry"; draft "Fragmentation").\n',
      "src/wire/tlv.ts": '// Records (spec/04, "TLVs").\n',
      "src/wire/armor.ts": '// Armor (spec/04, 4.1 "Fragments" and 4.2 "Base\n// 64"; draft "Encoding").\n',
      "src/dake/phi.ts": "// Phi (spec/05).\n",
    },
    says: [
      'spec/04-messages.md refers to "Records", which is no heading of spec/04-messages.md',
      'src/wire/fragment.ts refers to "Expiry", which is no heading of spec/04-messages.md',
      'src/wire/tlv.ts refers to "TLVs", which is no heading of spec/04-messages.md',
      'src/wire/armor.ts refers to "Base 64", which is no heading of spec/04-messages.md',
      "src/dake/phi.ts refers to spec/05, which does not exist",
    ],
  },
  {
    name: "the specification gives the layers in the same order",
    rule: rules.specNamesTheLayers,
    over: spec,
    broken: { "spec/01-overview.md": rules.LAYERS.toReversed().join(" < ") },
    says: [`no chapter of spec/ says ${rules.LAYERS.join(" < ")}`],
  },
];

describe.each(CASES)("$name", ({ rule, over, broken, says }) => {
  it("holds", () => {
    expect(rule(over)).toEqual([]);
  });

  it("would be noticed otherwise", () => {
    expect(rule(new Map(Object.entries(broken)))).toEqual(says);
  });
});

describe("the sources", () => {
  it("are seen", () => {
    expect(sources.has("src/bytes.ts")).toBe(true);
    expect(spec.size).toBeGreaterThan(0);
  });
});

describe("imports", () => {
  it("are found however they are written", () => {
    const text = [
      'import one from "1";',
      'import { a, type B } from "2";',
      'import * as all from "3";',
      "import {\n  long,\n  list,\n}",
      ' from "4";',
      'export * from "5";',
      'export type { C } from "6";',
      'import "7";',
      'type D = import("8").D;',
      'const text = `see import { x } from "not this"`;',
      ' * import { y } from "nor this";',
      'export const name = "9";',
    ].join("\n");
    expect(importsOf(text)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  });
});
