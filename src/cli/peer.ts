// A peer for tests: one OTRv4 endpoint on standard input and output, one JSON object a line (spec/12, "peer").

import { readFile } from "node:fs/promises";
import { suite } from "#crypto";
import { utf8 } from "../bytes.ts";
import { systemRandom } from "../crypto/random.ts";
import { defaultLimits } from "../limits.ts";
import { MIN_MESSAGE_CHARS } from "../session/actions.ts";
import { type Arguments, parseArguments } from "./args.ts";
import { type LoadedIdentity, loadIdentity } from "./identity-file.ts";
import { type Command, CommandError, type ExitCode, exit, type Io, UsageError } from "./io.ts";
import { type Line, linesOf } from "./lines.ts";
import { type BadCommand, isTime, type PeerCommand, parseCommand } from "./peer-command.ts";
import { createPeerEndpoint, type PeerEndpoint, type PeerOutput } from "./peer-endpoint.ts";
import { freshRandom, parseRecordedValues, type RewindableRandom, recordedRandom } from "./recorded-random.ts";
import { parseTag } from "./tags.ts";

/** The largest OTR message, even when JSON writes some of its characters as six. */
const MAX_LINE_BYTES = 8 * defaultLimits.messageChars;

/** Those of every endpoint on standard input and output. */
export const PEER_OPTIONS = {
  tag: { type: "string" },
  account: { type: "string" },
  peer: { type: "string" },
  now: { type: "string" },
  "max-message-bytes": { type: "string" },
  identity: { type: "string" },
  "save-identity": { type: "boolean" },
  "insecure-random": { type: "string" },
  "insecure-deterministic": { type: "boolean" },
} as const;

const HELP = `Usage: sottovoce peer [options]

One OTRv4 endpoint on standard input and output, for tests against other implementations and for debugging. It adds
nothing of its own to what the commands say: no padding, no TLVs. Identities are answered at once.

Options:
  --tag HEX              our instance tag; otherwise that of --identity, or a random one
  --account ID           who we are, and
  --peer ID              who the peer is, in the shared session state (phi' of a chat with addresses)
  --now SECONDS          the time, which then stands still; otherwise the system's clock
  --max-message-bytes N  send longer messages in fragments of at most N bytes (80 or more)
  --identity FILE        JSON: instanceTag, longTermKey (57 bytes), forgingKey (the public point), clientProfile, all
                         hexadecimal; what is missing is made
  --save-identity        write what was made to that file; an expired clientProfile is made anew
  --insecure-random FILE JSON: {"ecdh":[hex],"dh":[hex],"zq":[hex],"fragment":[hex]}, each kind used in its order;
                         whoever has the file has every key, so it needs
  --insecure-deterministic

Commands, one JSON object a line:
  {"do":"start"}                               offer a conversation (Identity)
  {"do":"query","text":"hi"}                   ask the peer to offer one
  {"do":"receive","message":"?OTR:…"}          what came from the peer
  {"do":"send","text":"…","tlvs":[{"type":7,"value":"<hex>"}]}
  {"do":"heartbeat"}                           an empty message
  {"do":"close"}                               say goodbye, reveal the MAC keys; state "start"
  {"do":"expire"}                              the same, as when time is up; state "finished"
  {"do":"clock","now":seconds}                 set the time, and let it pass
  {"do":"state"}

Output, for each command zero or more of these, then {"done":n} with the number of the line:
  {"send":"?OTR:…"}
  {"event":"state","state":"start|encrypted|finished","handshake":"none|waiting-auth-r|waiting-auth-i",
   "peerTag":"<hex>"}
  {"event":"secure","ssid":"<hex>","ourFingerprint":"<hex>","peerFingerprint":"<hex>"}
  {"event":"message","text":"…","tlvs":[…]}
  {"event":"mac-keys-revealed","keys":["<hex>"],"by":"us|peer"}
  {"event":"error","code":"…","message":"…"}

A command that fails changes nothing, the random values it drew included. Error codes:
  of the line       BAD_JSON (no JSON object, or not UTF-8), BAD_COMMAND (unknown "do"), BAD_ARGUMENT, TOO_LARGE
  of the command    BAD_STATE, BAD_ARGUMENT, TOO_LARGE, RANDOM_EXHAUSTED, INTERNAL (an error of ours: please report it)
  of what came      MALFORMED, TOO_LARGE, UNSUPPORTED_VERSION, UNSUPPORTED_TYPE, WRONG_TAG, BAD_POINT, BAD_SCALAR,
                    BAD_DH_KEY, BAD_PROFILE, EXPIRED_PROFILE, BAD_SIGNATURE, OWN_KEY, BAD_MAC, DUPLICATE, STALE, NO_KEY,
                    TOO_MANY_SKIPPED, UNEXPECTED, FULL; CORRUPTED (the message before, but not all of its TLVs);
                    NOT_ENCRYPTED (plain text, which "message" repeats); PEER_ERROR, PEER_ERROR_1, _2, _3 (an error
                    message of the peer, which "message" repeats; anyone can send one)

The end of input ends it, with exit code 0.
`;

export const peerCommand: Command = {
  summary: "one OTRv4 endpoint on standard input and output, as JSON lines",
  help: HELP,
  async run(args, io) {
    const { values } = parseArguments(args, PEER_OPTIONS);
    const instanceTag = values.tag === undefined ? undefined : parseTag(values.tag);
    if (values.tag !== undefined && instanceTag === undefined) {
      throw new UsageError("--tag is an instance tag, 1 to 8 hexadecimal digits, 100 or more.");
    }
    const { identity: file, "save-identity": save = false } = values;
    if (save && file === undefined) throw new UsageError("--save-identity needs --identity FILE.");
    return await runPeerAs((now) => loadIdentity(suite, defaultLimits, { file, save, instanceTag, now }), values, io);
  },
};

/** Plays an endpoint with the identity that is made or read for the time of its beginning. */
export async function runPeerAs(
  identityAt: (now: number) => Promise<LoadedIdentity>,
  values: Arguments<typeof PEER_OPTIONS>["values"],
  io: Io,
): Promise<ExitCode> {
  const now = parseTime(values.now);
  const maxMessageChars = parseSize(values["max-message-bytes"]);
  const source = await openRandom(values["insecure-random"], values["insecure-deterministic"] === true);
  const clock = now === undefined ? () => Date.now() / 1000 : () => now;
  const identity = await identityAt(clock());
  const context = { ours: utf8(values.account ?? ""), theirs: utf8(values.peer ?? ""), shared: [] };
  const options = { suite, limits: defaultLimits, source, clock, identity, context, maxMessageChars };
  await runPeer(createPeerEndpoint(options), io);
  return exit.ok;
}

/** Answers each line until there are no more. */
async function runPeer(endpoint: PeerEndpoint, io: Pick<Io, "input" | "out">): Promise<void> {
  let n = 0;
  for await (const line of linesOf(io.input, MAX_LINE_BYTES)) {
    n++;
    const output: readonly PeerOutput[] = [...endpoint.take(commandOf(line)), { done: n }];
    await io.out(output.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  }
}

function commandOf(line: Line): PeerCommand | BadCommand {
  switch (line.kind) {
    case "text":
      return parseCommand(line.text);
    case "too-long":
      return { do: "nothing", code: "TOO_LARGE", message: `The line is longer than ${MAX_LINE_BYTES} bytes.` };
    case "not-utf8":
      return { do: "nothing", code: "BAD_JSON", message: "The line is not UTF-8." };
  }
}

function parseTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const now = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || !isTime(now)) throw new UsageError("--now is a number of seconds since 1970.");
  return now;
}

function parseSize(text: string | undefined): number {
  if (text === undefined) return 0;
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < MIN_MESSAGE_CHARS || !Number.isSafeInteger(size)) {
    throw new UsageError(`--max-message-bytes is a number of ${MIN_MESSAGE_CHARS} or more.`);
  }
  return size;
}

async function openRandom(file: string | undefined, allowed: boolean): Promise<RewindableRandom> {
  if (file === undefined) return freshRandom(systemRandom);
  if (!allowed) {
    throw new UsageError(
      "--insecure-random makes every key known to whoever has the file; add --insecure-deterministic.",
    );
  }
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    throw new CommandError(`The file of random values ${file} cannot be read.`);
  }
  const values = parseRecordedValues(text);
  if (!values.ok) throw new CommandError(`The file of random values ${file} is wrong: ${values.why}.`);
  return recordedRandom(values.value);
}
