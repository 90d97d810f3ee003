// The examples: compiled against the package as it is shipped, and run.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const examples = join(root, "examples");

/** What each prints, in this order, with anything between. */
const SAYS: Readonly<Record<string, readonly string[]>> = {
  "conversation.ts": [
    "alice talks with",
    "bob talks with",
    "bob reads: Can you talk?",
    "alice reads: Under my breath.",
    "alice closed",
    "bob drained",
  ],
  "openpgp.ts": [
    "bob checked the attestation of alice",
    "bob invitation",
    "alice checked the attestation of bob",
    "alice established",
    "bob established",
    "bob message sotto voce",
    "alice closed",
    "bob drained",
  ],
};

describe("the examples", () => {
  beforeAll(() => {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", examples]);
  });

  it("are all held by this test", () => {
    const there = readdirSync(examples).filter((name) => name.endsWith(".ts"));
    expect(there.sort()).toEqual(Object.keys(SAYS).sort());
  });

  it.each(Object.keys(SAYS))("%s runs, and says what it should", (name) => {
    const file = join(examples, "dist", name.replace(/\.ts$/, ".js"));
    const out = execFileSync(process.execPath, [file], { encoding: "utf8" });
    const places = (SAYS[name] ?? []).map((line) => out.indexOf(line));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });
});
