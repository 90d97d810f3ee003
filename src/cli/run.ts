// From arguments to a command, from errors to one sentence and an exit code (spec/12, "Commands").
import { readFileSync } from "node:fs";
import { SottovoceError } from "../errors.ts";
import { demoCommand } from "./demo.ts";
import { forgeCommand } from "./forge.ts";
import { inspectCommand } from "./inspect.ts";
import { type Command, CommandError, type ExitCode, exit, type Io, UsageError } from "./io.ts";
import { peerCommand } from "./peer.ts";

const commands: Readonly<Record<string, Command>> = {
  demo: demoCommand,
  peer: peerCommand,
  inspect: inspectCommand,
  forge: forgeCommand,
};

const NAME_COLUMN = 10;

function overview(): string {
  const list = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(NAME_COLUMN)}${summary}\n`);
  return `Usage: sottovoce COMMAND [options]

OTRv4 for JavaScript: deniable secret chats inside the OpenPGP chats that people already have.

Commands:
${list.join("")}
Options:
  --help      this text; after a command, what that one does
  --version   the version of sottovoce

Exit codes: ${exit.ok} it worked, ${exit.failed} it did not, ${exit.usage} the command line was wrong.
`;
}

/** Runs one command line, without the name of the program. Everything that goes wrong becomes a sentence and a code. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const [name, ...rest] = args;
  try {
    if (name === "--help" || name === "-h" || (name === "help" && rest.length === 0))
      return await print(io, overview());
    if (name === "--version" || name === "-V") return await print(io, `${version()}\n`);
    const named = name === "help" ? rest[0] : name;
    if (named === undefined) throw new UsageError("There is no command; see sottovoce --help.");
    const command = Object.hasOwn(commands, named) ? commands[named] : undefined;
    if (command === undefined) throw new UsageError(`There is no command "${named}"; see sottovoce --help.`);
    if (name === "help" || asksForHelp(rest)) return await print(io, command.help);
    return await command.run(rest, io);
  } catch (error) {
    io.err(`sottovoce: ${sentenceOf(error)}\n`);
    return error instanceof UsageError ? exit.usage : exit.failed;
  }
}

async function print(io: Io, text: string): Promise<ExitCode> {
  await io.out(text);
  return exit.ok;
}

/** Before a `--`, after which everything is a word. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).some((arg) => arg === "--help" || arg === "-h");
}

function sentenceOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof CommandError) return error.message;
  if (error instanceof SottovoceError) return `${error.message} (${error.code})`;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `An error of ours, please report it: ${detail}`;
}

function version(): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
}
