// The rules of vectors/: JSON only, and everything in it says where it comes from.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../vectors/", import.meta.url));
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll("\\", "/"));
const vectorFiles = files.filter((file) => file !== "README.md");

/** Whether the outermost object names its source, or every entry of its lists does. */
function hasSource(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("source" in value) return typeof value.source === "string" && value.source.trim() !== "";
  const entries = Object.values(value);
  return entries.length > 0 && entries.every(hasSource);
}

describe("vectors", () => {
  it("is JSON, but for its README", () => {
    expect(vectorFiles.filter((file) => !file.endsWith(".json"))).toEqual([]);
    expect(vectorFiles.length).toBeGreaterThan(0);
  });

  it.each(vectorFiles)("%s names the source of everything in it", (file) => {
    expect(hasSource(JSON.parse(readFileSync(join(root, file), "utf8")))).toBe(true);
  });

  it("would notice an entry without a source", () => {
    expect(hasSource([{ source: "RFC 8032, 7.4" }, { source: "RFC 8032, 7.4" }])).toBe(true);
    expect(hasSource([{ source: "RFC 8032, 7.4" }, { message: "" }])).toBe(false);
    expect(hasSource({ signatures: [{ source: "" }] })).toBe(false);
    expect(hasSource([])).toBe(false);
    expect(hasSource({ schnorr: 1 })).toBe(false);
  });

  it("is described in its README, file by file", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    expect(vectorFiles.filter((file) => !readme.includes(`\`${file.replace("sessions/", "")}\``))).toEqual([]);
  });
});
