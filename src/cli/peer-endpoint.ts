// The endpoint of `sottovoce peer`: a command in, lines out, no trace of a command that failed (spec/12, "peer").
import { toHex } from "../bytes.ts";
import type { Suite } from "../crypto/suite.ts";
import type { Context } from "../dake/phi.ts";
import { SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { renewIdentity } from "../profile/identity.ts";
import { close, closeAll, createEndpoint, heartbeat, query, send, start } from "../session/actions.ts";
import { commit } from "../session/commit.ts";
import { receive } from "../session/receive.ts";
import type { Env, SessionEvent, Step } from "../session/step.ts";
import { tick } from "../session/tick.ts";
import type { Endpoint, Session } from "../session/types.ts";
import type { LoadedIdentity } from "./identity-file.ts";
import type { BadCommand, PeerCommand } from "./peer-command.ts";
import type { RewindableRandom } from "./recorded-random.ts";
import { formatTag } from "./tags.ts";

/** A line of output. */
export type PeerOutput =
  | { readonly send: string }
  | StateLine
  | SecureLine
  | { readonly event: "message"; readonly text: string; readonly tlvs: readonly { type: number; value: string }[] }
  | { readonly event: "mac-keys-revealed"; readonly keys: readonly string[]; readonly by: "us" | "peer" }
  | { readonly event: "error"; readonly code: string; readonly message: string }
  | { readonly done: number };

export interface SecureLine {
  readonly event: "secure";
  readonly ssid: string;
  readonly ourFingerprint: string;
  readonly peerFingerprint: string;
}

export interface StateLine {
  readonly event: "state";
  readonly state: "start" | "encrypted" | "finished";
  readonly handshake: "none" | "waiting-auth-r" | "waiting-auth-i";
  /** 8 hexadecimal digits; zeros while no device of the peer is known. */
  readonly peerTag: string;
}

export interface PeerOptions {
  readonly suite: Suite;
  readonly limits: Limits;
  readonly source: RewindableRandom;
  /** Seconds since 1970. */
  readonly clock: () => number;
  readonly identity: LoadedIdentity;
  readonly context: Context;
  /** 0: no limit. */
  readonly maxMessageChars: number;
}

export interface PeerEndpoint {
  take(command: PeerCommand | BadCommand): readonly PeerOutput[];
}

/** What changes from command to command. */
interface Now {
  readonly endpoint: Endpoint;
  /** The last conversation was ended by the peer or by time, and nobody has closed it here yet. */
  readonly finished: boolean;
  /** The session established last, and the device in it. */
  readonly session: string;
  readonly peerTag: number;
  /** A conversation came about since the last offer: it stays for a late Auth-R, and nobody waits for that. */
  readonly settled: boolean;
}

export function createPeerEndpoint(options: PeerOptions): PeerEndpoint {
  const { suite, limits, source, context } = options;
  const { profileGiven } = options.identity;
  let { identity } = options.identity;
  let clock = options.clock;
  let at: Now = {
    endpoint: createEndpoint(identity.instanceTag, { answer: "auto", maxMessageChars: options.maxMessageChars }),
    finished: false,
    session: "",
    peerTag: 0,
    settled: false,
  };
  const secured = new Map<string, SecureLine>();
  let reported = JSON.stringify(stateOf(at));

  const env = (): Env => {
    const now = clock();
    if (!profileGiven) identity = renewIdentity(suite, identity, now, limits);
    return { suite, random: source.random, now, limits, identity, context };
  };
  /** Takes a step, or nothing at all when it fails or is refused. */
  const attempt = (command: PeerCommand, take: (endpoint: Endpoint) => Step): PeerOutput[] => {
    try {
      const { endpoint } = at;
      const step = take(endpoint);
      const events = step.events.flatMap((event) => linesOf(event, command, secured));
      if (step.endpoint === endpoint) source.rewind();
      else source.keep();
      at = after(at, step, command, commit(endpoint, step));
      return [...step.send.map((text) => ({ send: text })), ...stateIfChanged(), ...events];
    } catch (error) {
      source.rewind();
      return [errorLine(error)];
    }
  };
  const stateIfChanged = (): PeerOutput[] => {
    const state = stateOf(at);
    const text = JSON.stringify(state);
    if (text === reported) return [];
    reported = text;
    return [state];
  };
  const passTime = (): PeerOutput[] => attempt({ do: "clock", now: clock() }, (endpoint) => tick(endpoint, env()));

  return {
    take(command) {
      switch (command.do) {
        case "nothing":
          return [{ event: "error", code: command.code, message: command.message }];
        case "clock":
          clock = () => command.now;
          return passTime();
        case "state":
          return [...passTime().filter((line) => !isState(line)), stateOf(at)];
        default:
          return [...passTime(), ...attempt(command, () => act(at, command, env()))];
      }
    },
  };
}

function act(now: Now, command: Exclude<PeerCommand, { do: "clock" | "state" }>, env: Env): Step {
  const { endpoint } = now;
  switch (command.do) {
    case "start":
      return start(endpoint, env);
    case "query":
      return query(endpoint, command.text);
    case "receive":
      return receive(endpoint, command.message, env);
    case "send":
      return send(endpoint, openSession(now).id, { text: command.text, tlvs: command.tlvs }, env);
    case "heartbeat":
      return heartbeat(endpoint, openSession(now).id, env);
    case "expire":
      return close(endpoint, openSession(now).id, env, "expired");
    case "close":
      return closeAll(endpoint, env);
  }
}

function after(before: Now, { events }: Step, command: PeerCommand, endpoint: Endpoint): Now {
  const ended = events.some(
    (event) => event.type === "disconnected" || (event.type === "closed" && event.reason === "expired"),
  );
  const established = events.findLast((event) => event.type === "established");
  const { offer } = endpoint;
  const offered = command.do === "start" || (offer !== undefined && offer !== before.endpoint.offer);
  return {
    endpoint,
    finished: command.do !== "close" && (ended || (before.finished && established === undefined)),
    session: established?.session ?? before.session,
    peerTag: established?.peerTag ?? before.peerTag,
    settled: established !== undefined || (before.settled && !offered),
  };
}

function stateOf(now: Now): StateLine {
  const { endpoint, finished, peerTag, settled } = now;
  const session = talkingIn(now);
  const state = session !== undefined ? "encrypted" : finished ? "finished" : "start";
  const answer = endpoint.answers.at(-1);
  const waiting = endpoint.offer !== undefined && !settled;
  const handshake = answer !== undefined ? "waiting-auth-i" : waiting ? "waiting-auth-r" : "none";
  const tag = session?.peer.tag ?? answer?.peerTag ?? (finished ? peerTag : 0);
  return { event: "state", state, handshake, peerTag: formatTag(tag) };
}

/** The session to speak in: the one established last, or another that is open. */
function talkingIn({ endpoint, session }: Now): Session | undefined {
  const open = endpoint.sessions.filter(({ current }) => current !== undefined);
  return open.find(({ id }) => id === session) ?? open.at(-1);
}

function openSession(now: Now): Session {
  const session = talkingIn(now);
  if (session !== undefined) return session;
  throw new SottovoceError("BAD_STATE", "There is no conversation now; nothing was sent.");
}

/** `secured`: what was said of each session when it was established, for when another of its handshakes stays. */
function linesOf(event: SessionEvent, command: PeerCommand, secured: Map<string, SecureLine>): PeerOutput[] {
  switch (event.type) {
    case "established": {
      const secure: SecureLine = {
        event: "secure",
        ssid: toHex(event.ssid),
        ourFingerprint: toHex(event.ourFingerprint),
        peerFingerprint: toHex(event.peerFingerprint),
      };
      secured.set(event.session, secure);
      return [secure];
    }
    case "switched": {
      const secure = secured.get(event.session);
      return secure === undefined ? [] : [{ ...secure, ssid: toHex(event.ssid) }];
    }
    case "message": {
      const tlvs = event.tlvs.map(({ type, value }) => ({ type, value: toHex(value) }));
      const message: PeerOutput = { event: "message", text: event.text, tlvs };
      return event.corrupted
        ? [message, error("CORRUPTED", "What follows in this message could not be read as TLVs.")]
        : [message];
    }
    case "mac-keys-revealed":
      return [{ event: "mac-keys-revealed", keys: event.keys.map(toHex), by: event.by }];
    case "rejected":
      return [error(event.code, event.why)];
    case "error-message":
      return [error(event.code === undefined ? "PEER_ERROR" : `PEER_ERROR_${event.code}`, event.text)];
    case "plaintext":
      // The words of a query are for people whose client knows no OTR.
      return event.versions !== undefined && command.do === "receive" && command.message.startsWith("?OTRv")
        ? []
        : [error("NOT_ENCRYPTED", event.text)];
    case "handshake-ended":
    case "invitation":
    case "heartbeat":
    case "disconnected":
    case "drained":
    case "closed":
      return [];
  }
}

function error(code: string, message: string): PeerOutput {
  return { event: "error", code, message };
}

function errorLine(thrown: unknown): PeerOutput {
  if (thrown instanceof SottovoceError) return error(thrown.code, thrown.message);
  return error("INTERNAL", thrown instanceof Error ? thrown.message : String(thrown));
}

function isState(line: PeerOutput): line is StateLine {
  return "event" in line && line.event === "state";
}
