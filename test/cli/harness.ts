// What the tests of the command line share: a terminal that is none, and the command as it is shipped.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Io } from "../../src/cli/io.ts";
import { run } from "../../src/cli/run.ts";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. `input` comes in exactly these chunks. */
export async function sottovoce(
  args: readonly string[],
  input: string | readonly Uint8Array[] = "",
  also: Partial<Io> = {},
): Promise<Outcome> {
  const chunks = typeof input === "string" ? [new TextEncoder().encode(input)] : input;
  let out = "";
  let err = "";
  const io: Io = {
    input: (async function* (): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    })(),
    out: (text) => {
      out += text;
      return Promise.resolve();
    },
    err: (text) => {
      err += text;
    },
    env: {},
    watched: false,
    typed: false,
    ...also,
  };
  const code = await run(args, io);
  return { code, out, err };
}

/** The command as it is shipped. */
export const MAIN: string = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Runs the command as it is shipped, in a process of its own. */
export function shipped(args: readonly string[], input: string | Uint8Array = ""): Promise<Outcome> {
  if (!existsSync(MAIN)) throw new Error("There is no dist/: run `npm run build` first, as `npm test` does.");
  return new Promise((resolve, fail) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: "pipe" });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    child.on("error", fail);
    child.on("close", (code) => resolve({ code: code ?? -1, out, err }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** The lines of output as JSON. */
export function lines(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** A folder that goes when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sottovoce-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
