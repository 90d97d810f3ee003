// Other people's OpenPGP programs, for the tests that run them where they are installed.
import { type SpawnSyncReturns, spawnSync } from "node:child_process";

export type Program = "gpg" | "gpgconf" | "sq";

/** Runs a program to its end. */
export function run(program: Program, args: readonly string[], input?: string): SpawnSyncReturns<Buffer> {
  return spawnSync(program, args, input === undefined ? {} : { input });
}

export function isInstalled(program: Program): boolean {
  return run(program, ["--version"]).status === 0;
}

/** The name of a test that needs a program, which says so when it has to be skipped. */
export function needing(program: Program, name: string): string {
  return isInstalled(program) ? name : `${name} (SKIPPED: ${program} is not installed)`;
}
