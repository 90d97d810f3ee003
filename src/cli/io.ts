// What a command sees of the outside world, so that tests can stand in for a terminal (spec/12, "Commands").

/** Standard streams, environment and terminal. */
export interface Io {
  /** Standard input, as it comes. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Writes to standard output; resolves when there is room for more. */
  readonly out: (text: string) => Promise<void>;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a person watches standard output, and whether one types on standard input. */
  readonly watched: boolean;
  readonly typed: boolean;
}

/** Exit codes of every command. */
export const exit = { ok: 0, failed: 1, usage: 2 } as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** A subcommand: its own arguments, without its name. */
export interface Command {
  /** One line for the overview. */
  readonly summary: string;
  readonly help: string;
  run(args: readonly string[], io: Io): Promise<ExitCode>;
}

/** The command line was wrong: one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** The command could not do what it was asked to: one sentence, exit code 1. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
}

/** All of standard input, up to a limit of bytes. */
export async function readAll(input: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    length += chunk.length;
    if (length > maxBytes) throw new CommandError(`Standard input is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
