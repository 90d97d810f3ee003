// The source files as the structure tests see them: a path inside the repository and a text.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Paths with forward slashes, relative to the repository, to the text of the file. */
export type Sources = ReadonlyMap<string, string>;

const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** Every file below a folder of the repository whose name ends in one of the endings. */
export function readSources(folder: string, ...endings: readonly string[]): Sources {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => endings.some((ending) => path.endsWith(ending)) && !path.includes("node_modules/"))
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** What a file imports, re-exports or names in `import("…")`, as written; `undefined` where that is computed. */
export function importsOf(text: string): readonly (string | undefined)[] {
  const statements = text.matchAll(/^(?:import|export)\b[^;"]*?\bfrom "([^"]+)"|^import "([^"]+)"/gm);
  const calls = text.matchAll(/\bimport\(\s*(?:"([^"]+)"\s*\)|)/g);
  return [...[...statements].map((match) => match[1] ?? match[2]), ...[...calls].map((match) => match[1])];
}

/** The path of an imported source file; `undefined` for a package. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier === "#crypto") return "src/crypto/node.ts";
  if (!specifier.startsWith(".")) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Comments blanked out, line by line; a `//` inside a string survives only if nothing but spaces comes before it. */
export function withoutComments(text: string): string {
  return text
    .split("\n")
    .map((line) => (/^\s*(?:\/\/|\/\*|\*)/.test(line) ? "" : line.replace(/\s\/\/ .*$/, "")))
    .join("\n");
}
