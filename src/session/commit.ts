// Committing a step: the state before it is used up (spec/07, "Linear states").
import { wipe } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import { assertTime } from "../limits.ts";
import { isExpired } from "../profile/client.ts";
import type { Env, Step } from "./step.ts";
import type { Endpoint } from "./types.ts";

const consumed = new WeakSet<Endpoint>();

/** Where a step keeps the endpoint it was taken from: which clones do not carry. */
const FROM = Symbol("from");

/** What every public function gives back: the step, known to begin at `before`. */
export function stepFrom(before: Endpoint, step: Step): Step {
  if (step.endpoint === before) return step;
  const { endpoint, send, events, wipe: secrets } = step;
  const from: Step & { readonly [FROM]: Endpoint } = { endpoint, send, events, wipe: secrets, [FROM]: before };
  return from;
}

/**
 * Call this when `step.endpoint` is durable: clears the secrets it no longer holds and marks `before` as used up, so
 * that a further step from there (which would use keys twice) throws `SESSION_CONSUMED`. Gives the endpoint to go on
 * with. Only after this may `step.send` be handed to the carrier.
 *
 * @throws SottovoceError `SESSION_CONSUMED` when `before` was committed past already, or when the step was taken from
 *   another endpoint (two steps taken at once from the same one: the second has to be taken again). The step must not
 *   be sent then. A step that crossed threads as a clone is not recognised.
 */
export function commit(before: Endpoint, step: Step): Endpoint {
  assertCurrent(before);
  if (step.endpoint === before) return before;
  const origin = (step as { readonly [FROM]?: Endpoint })[FROM];
  if (origin !== undefined && origin !== before) throw used("This step was taken from another state");
  consumed.add(before);
  for (const secret of step.wipe) wipe(secret);
  return step.endpoint;
}

/**
 * What every step checks first.
 *
 * @throws SottovoceError `SESSION_CONSUMED`, and `BAD_ARGUMENT` when `env` is of another device than the
 *   endpoint or its time is no number of seconds.
 */
export function assertUsable(endpoint: Endpoint, env: Env): void {
  assertCurrent(endpoint);
  if (env.identity.instanceTag !== endpoint.ourTag) {
    throw new SottovoceError(
      "BAD_ARGUMENT",
      "The identity is of another device than the endpoint; nothing was done. Give the one it was made with.",
    );
  }
  assertTime(env.now);
}

/** @throws SottovoceError `SESSION_CONSUMED` when a later state than this one was committed. */
export function assertCurrent(endpoint: Endpoint): void {
  if (consumed.has(endpoint)) throw used("A later state was committed, so this one is used up");
}

function used(what: string): SottovoceError {
  return new SottovoceError("SESSION_CONSUMED", `${what}; nothing was done. Go on from what commit() gave.`);
}

/** @throws SottovoceError `BAD_STATE` when our own profile has expired: every peer would refuse it. */
export function assertProfile({ identity, now }: Env): void {
  if (!isExpired(identity.profile, now)) return;
  throw new SottovoceError(
    "BAD_STATE",
    "Our client profile has expired; nothing was sent. Make a new one with renewIdentity().",
  );
}
