// The README: its code compiles under the strictest settings and does what is said below it; its links lead somewhere.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const root: string = fileURLToPath(new URL("../../", import.meta.url));
const readme: string = readFileSync(join(root, "README.md"), "utf8");

/** The subpaths that the README imports, as sources. */
const ENTRIES: Readonly<Record<string, string>> = {
  "sottovoce/otr": "src/otr.ts",
  "sottovoce/openpgp": "src/openpgp/index.ts",
  "sottovoce/carrier": "src/carrier/index.ts",
  "sottovoce/forge": "src/forge/index.ts",
};

function blocks(language: string): readonly string[] {
  return [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text as string);
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sottovoce-readme-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("the code in the README", () => {
  const examples = blocks("ts");

  it("is there", () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it("compiles", () => {
    const files = examples.map((text, i) => {
      writeFileSync(join(folder, `example${i}.mts`), text);
      return `example${i}.mts`;
    });
    const paths = Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, [join(root, path)]]));
    const config = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        rootDir: "/",
        isolatedDeclarations: false,
        declaration: false,
        typeRoots: [join(root, "node_modules/@types")],
        paths: { ...paths, "#crypto": [join(root, "src/crypto/node.ts")] },
      },
      include: [],
      files,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    expect(compile(folder)).toBe("");
    writeFileSync(join(folder, "example0.mts"), examples[0]!.replace("otr.start", "otr.stop"));
    expect(compile(folder)).toContain("'stop' does not exist");
  });

  it("prints what the README says", async () => {
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...words) => void printed.push(words.join(" ").trim()));
    const text = examples[0]!.replaceAll(
      /from "(sottovoce\/\w+)"/g,
      (_, name: string) => `from "${join(root, ENTRIES[name]!)}"`,
    );
    const file = join(folder, "run.ts");
    writeFileSync(file, text);
    await import(file);
    log.mockRestore();
    const said = blocks("").find((block) => block.startsWith("bob invitation"))!;
    expect(printed.slice(0, 4)).toEqual(said.trim().split("\n"));
    expect(printed).toContain("alice closed");
    expect(printed).toContain("bob drained");
  });
});

/** What the compiler says; empty if it is content. */
function compile(project: string): string {
  try {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], {
      encoding: "utf8",
    });
    return "";
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

describe("the links in the README", () => {
  it("lead to files that are there", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path as string);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
