// A conversation led from both ends at one desk, by honest endpoints (spec/10, "A forged transcript").
import { accept, type Rejection, type Result, reject } from "../errors.ts";
import { close, createEndpoint, send, start } from "../session/actions.ts";
import { commit } from "../session/commit.ts";
import { receive } from "../session/receive.ts";
import type { Env, Step } from "../session/step.ts";
import type { Endpoint } from "../session/types.ts";
import type { Tlv } from "../wire/tlv.ts";
import { otherRole, type Role } from "./setting.ts";

/** What one side says. */
export interface Line {
  readonly from: Role;
  readonly text: string;
  readonly tlvs?: readonly Tlv[];
  /** Said before what the other side had said last was read: the two messages cross on the way. */
  readonly crossing?: boolean;
}

/** What both sides say, and who closes. */
export interface Script {
  readonly lines: readonly Line[];
  /** The initiator unless given; "nobody" leaves the conversation open. */
  readonly closedBy?: Role | "nobody";
}

/** One end. `env` is asked for before each step. */
export interface Actor {
  readonly tag: number;
  readonly env: () => Env;
}

/**
 * Plays a conversation from Identity to the last revealed MAC key and gives the texts in the order in which they were
 * sent. Each side reads what came before it speaks. Rejections: whatever either side refused first.
 */
export function play(cast: Readonly<Record<Role, Actor>>, script: Script): Result<readonly string[]> {
  const endpoints: Record<Role, Endpoint> = {
    initiator: createEndpoint(cast.initiator.tag, { answer: "auto" }),
    responder: createEndpoint(cast.responder.tag, { answer: "auto" }),
  };
  const inbox: Record<Role, string[]> = { initiator: [], responder: [] };
  const texts: string[] = [];
  let refusal: Rejection | undefined;

  const take = (role: Role, step: (endpoint: Endpoint, env: Env) => Step): void => {
    const before = endpoints[role];
    const taken = step(before, cast[role].env());
    endpoints[role] = commit(before, taken);
    texts.push(...taken.send);
    inbox[otherRole(role)].push(...taken.send);
    for (const event of taken.events) {
      if (event.type === "rejected") refusal ??= reject(event.code, event.why);
    }
  };
  const read = (role: Role): void => {
    for (const text of inbox[role].splice(0)) take(role, (endpoint, env) => receive(endpoint, text, env));
  };
  const session = (endpoint: Endpoint): string => endpoint.sessions[0]?.id ?? "";

  take("initiator", (endpoint, env) => start(endpoint, env));
  for (const role of ["responder", "initiator", "responder"] as const) read(role);
  if (refusal !== undefined) return refusal;

  for (const { from, text, tlvs = [], crossing = false } of script.lines) {
    if (!crossing) read(from);
    take(from, (endpoint, env) => send(endpoint, session(endpoint), { text, tlvs }, env));
  }
  const { closedBy = "initiator" } = script;
  if (closedBy !== "nobody") {
    read(closedBy);
    take(closedBy, (endpoint, env) => close(endpoint, session(endpoint), env));
    read(otherRole(closedBy));
  }
  return refusal ?? accept(texts);
}
