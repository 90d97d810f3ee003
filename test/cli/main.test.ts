// The command itself: help, version, what is wrong with a command line, exit codes.
import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { shipped, sottovoce } from "./harness.ts";

const COMMANDS = ["demo", "peer", "inspect", "forge"];

describe("help", () => {
  it.each([["--help"], ["-h"], ["help"]])("is there with %s, and names every command", async (flag) => {
    const { code, out, err } = await sottovoce([flag]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  it.each(COMMANDS)("is there for %s, within 120 columns", async (command) => {
    const { code, out } = await sottovoce([command, "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: sottovoce ${command}`));
    expect(out.endsWith("\n")).toBe(true);
    expect(out.split("\n").filter((line) => line.length > 120)).toEqual([]);
    expect((await sottovoce(["help", command])).out).toBe(out);
  });

  it("of peer has every error code of the specification's table", async () => {
    const { out } = await sottovoce(["peer", "--help"]);
    const spec = readFileSync(new URL("../../spec/12-command-line.md", import.meta.url), "utf8");
    const codes = [...spec.matchAll(/^\| `([A-Z_0-9]+)`/gm)].map(([, code]) => code as string);
    expect(codes.length).toBeGreaterThan(20);
    const shown = out.replace("PEER_ERROR_1, _2, _3", "PEER_ERROR_1, PEER_ERROR_2, PEER_ERROR_3");
    expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(shown))).toEqual([]);
  });
});

describe("a wrong command line", () => {
  it.each([
    [[], "no command"],
    [["sing"], '"sing"'],
    [["__proto__"], '"__proto__"'],
    [["help", "sing"], '"sing"'],
    [["demo", "--slow"], "--slow"],
    [["demo", "now"], '"now"'],
    [["demo", "--mail-dir"], "--mail-dir"],
    [["inspect", "--json=yes"], "--json"],
    [["forge"], "Which tool"],
    [["forge", "--json"], "Which tool"],
    [["forge", "toString"], '"toString"'],
    [["forge", "parse", "--json"], "--json"],
    [["forge", "impersonate"], "--with"],
    [["forge", "impersonate", "--with", "x", "--tag", "100"], "--tag"],
  ])("%j is answered with one sentence and exit code 2", async (args, says) => {
    const { code, out, err } = await sottovoce(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^sottovoce: [^\n]+\n$/);
    expect(err).toContain(says);
  });
});

describe("the command as it is shipped", () => {
  it("knows its version", async () => {
    expect(await shipped(["--version"])).toEqual({ code: 0, out: `${manifest.version}\n`, err: "" });
  });

  it("gives its exit codes to whoever called it", async () => {
    expect((await shipped(["sing"])).code).toBe(2);
    expect((await shipped(["inspect"], "?OTR:.")).code).toBe(1);
    expect((await shipped(["inspect"], "hello")).code).toBe(0);
  });

  it("is a script for node", () => {
    const main = new URL(`../../${manifest.bin.sottovoce}`, import.meta.url);
    expect(readFileSync(main, "utf8").split("\n")[0]).toBe("#!/usr/bin/env node");
    expect(statSync(main).isFile()).toBe(true);
  });
});
