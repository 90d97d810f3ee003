// The package: exact versions, a defence for each, and two suites chosen by the platform.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
}

const manifest = JSON.parse(read("package.json"));
const dependencies = Object.entries<string>({ ...manifest.dependencies, ...manifest.devDependencies });
const lock = JSON.parse(read("package-lock.json"));

describe("dependencies", () => {
  it.each(dependencies)("%s %s is pinned, locked, and defended in CONTRIBUTING.md", (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(lock.packages[`node_modules/${name}`].version).toBe(version);
    expect(read("CONTRIBUTING.md")).toContain(`**${name} ${version}**`);
  });

  it("come from any registry: the lock file names none", () => {
    expect(Object.values<object>(lock.packages).filter((entry) => "resolved" in entry)).toEqual([]);
  });
});

describe("#crypto", () => {
  it("is node:crypto's suite on Node and noble's everywhere else", () => {
    expect(Object.entries(manifest.imports["#crypto"])).toEqual([
      ["types", "./dist/crypto/node.d.ts"],
      ["node", "./dist/crypto/node.js"],
      ["default", "./dist/crypto/noble.js"],
    ]);
  });

  it("never leads a browser to a node: module", () => {
    const imported = read("src/crypto/noble.ts").match(/from "[^"]+"/g);
    expect(imported).not.toBeNull();
    expect(imported).not.toContain('from "./node.ts"');
  });
});

describe("scripts", () => {
  it("are the ones that CONTRIBUTING.md names", () => {
    const named = [...read("CONTRIBUTING.md").matchAll(/^\| `npm (?:run )?([\w:]+)` /gm)].map(([, name]) => name);
    const hooks = ["pretest", "prestart", "prebench", "prepack"];
    expect(named.sort()).toEqual(
      Object.keys(manifest.scripts)
        .filter((name) => !hooks.includes(name))
        .sort(),
    );
  });
});
