// The forging tools on the command line, so that no transcript is evidence (spec/12, "forge"; draft "Forging
// Transcripts").
import { readFile } from "node:fs/promises";
import { suite } from "#crypto";
import { fromUtf8 } from "../bytes.ts";
import { impersonate } from "../forge/signers.ts";
import { defaultLimits } from "../limits.ts";
import { parseArguments } from "./args.ts";
import { inputOf, profileIn } from "./forge-input.ts";
import { tools } from "./forge-tools.ts";
import { type Command, CommandError, type ExitCode, exit, type Io, readAll, UsageError } from "./io.ts";
import { parseObject } from "./json.ts";
import { PEER_OPTIONS, runPeerAs } from "./peer.ts";

const MAX_INPUT_BYTES = 16 * defaultLimits.messageChars;
const IMPERSONATE = "impersonate";

const descriptions = Object.entries(tools)
  .map(([name, { summary, input, output }]) => `  ${name}: ${summary}\n      in   ${input}\n      out  ${output}\n`)
  .join("");

const HELP = `Usage: sottovoce forge TOOL < INPUT.json > OUTPUT.json
       sottovoce forge impersonate --with FILE [options of sottovoce peer]

Makes messages and conversations that verify and never were. Whoever sees a transcript, with all its keys, can tell
nothing from it: these tools are why. Each reads one JSON object and writes one; bytes are hexadecimal.

Tools:
${descriptions}  impersonate: sottovoce peer, passing for somebody else towards a victim, whose forging secret it takes
      file {"as":"<profile>","towards":"<profile>","secret":"<hex>"}

…setting stands for
  "initiator", "responder"  client profiles, or the Identity or Auth-R messages ("?OTR:…") that brought them
  "accounts"  {"initiator":"…","responder":"…"}, as --account and --peer of sottovoce peer; or
  "place"     {"initiator":"<hex>","responder":"<hex>","shared":["<hex>"]}, the parts of phi' themselves
  "now"       seconds since 1970: when it shall have been; otherwise now
  "secret"    the long-term or forging secret of either (57 bytes), in dake and transcript; not needed
`;

export const forgeCommand: Command = {
  summary: "messages and conversations that verify and never were",
  help: HELP,
  async run(args, io) {
    const [name, ...rest] = args;
    if (name === undefined || name.startsWith("-")) throw new UsageError("Which tool? See sottovoce forge --help.");
    if (name === IMPERSONATE) return await passFor(rest, io);
    const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
    if (tool === undefined) throw new UsageError(`There is no tool "${name}"; see sottovoce forge --help.`);
    parseArguments(rest, {});
    const json = parseObject(fromUtf8(await readAll(io.input, MAX_INPUT_BYTES)));
    if (json === undefined) throw new CommandError("Standard input is not a JSON object; see sottovoce forge --help.");
    await io.out(`${JSON.stringify(tool.run(inputOf(json)), null, 2)}\n`);
    return exit.ok;
  },
};

async function passFor(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values } = parseArguments(args, { ...PEER_OPTIONS, with: { type: "string" } });
  const { with: file, ...options } = values;
  if (file === undefined) throw new UsageError("--with FILE is missing; see sottovoce forge --help.");
  if (options.tag !== undefined || options.identity !== undefined || options["save-identity"]) {
    throw new UsageError("The identity is made of --with FILE; leave --tag, --identity and --save-identity out.");
  }
  const json = parseObject(await read(file));
  if (json === undefined) throw new CommandError(`The file ${file} is not a JSON object.`);
  const input = inputOf(json);
  const who = { as: profileIn(input, "as"), towards: profileIn(input, "towards"), secret: input.bytes("secret") };
  const identity = impersonate(suite, who);
  return await runPeerAs(() => Promise.resolve({ identity, profileGiven: true }), options, io);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new CommandError(`The file ${file} cannot be read.`);
  }
}
