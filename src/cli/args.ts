// Arguments: node:util's parser, with mistakes as one sentence (spec/12, "Commands").
import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./io.ts";

type ParseArgsOptionsConfig = NonNullable<ParseArgsConfig["options"]>;

/** What was given: strings for options with a value, booleans for flags. */
export interface Arguments<Options extends ParseArgsOptionsConfig> {
  readonly values: ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>["values"];
  readonly positionals: readonly string[];
}

/**
 * Parses options, and at most `positionals` words beside them.
 *
 * @throws UsageError for anything else.
 */
export function parseArguments<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  positionals: number = 0,
): Arguments<Options> {
  let parsed: ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.(?:\s|$)/);
    throw new UsageError(`${sentence}.`);
  }
  if (parsed.positionals.length > positionals) {
    throw new UsageError(`Unexpected argument "${parsed.positionals[positionals]}".`);
  }
  return { values: parsed.values, positionals: parsed.positionals };
}
