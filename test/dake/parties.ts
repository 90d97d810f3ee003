// Two people in the middle of a handshake, for the tests of each of its messages.
import { utf8 } from "../../src/bytes.ts";
import type { Random } from "../../src/crypto/random.ts";
import type { Suite } from "../../src/crypto/suite.ts";
import { type AnsweredIdentity, answerIdentity } from "../../src/dake/answer.ts";
import { completeOffer, type OfferedIdentity, offerIdentity } from "../../src/dake/offer.ts";
import type { Context } from "../../src/dake/phi.ts";
import type { Result } from "../../src/errors.ts";
import { defaultLimits } from "../../src/limits.ts";
import { createIdentity, type LocalIdentity } from "../../src/profile/identity.ts";
import type { AuthRMessage } from "../../src/wire/auth-r-message.ts";
import { NOW, seededRandom } from "../support/players.ts";
import { value } from "../wire/results.ts";

export interface Party {
  readonly identity: LocalIdentity;
  readonly context: Context;
  readonly random: Random;
}

export function party(suite: Suite, name: string, peer: string): Party {
  const random = seededRandom(name);
  const identity = createIdentity(suite, random, { now: NOW, limits: defaultLimits });
  return { identity, context: { ours: utf8(name), theirs: utf8(peer), shared: [utf8("chat")] }, random };
}

/** Bob has offered, Alice has answered, nobody has completed anything. */
export interface Handshake {
  readonly suite: Suite;
  readonly bob: Party;
  readonly alice: Party;
  readonly offered: OfferedIdentity;
  readonly authR: AuthRMessage;
  readonly answered: AnsweredIdentity;
}

export function answeredHandshake(suite: Suite): Handshake {
  const [bob, alice] = [party(suite, "bob", "alice"), party(suite, "alice", "bob")];
  const offered = offerIdentity(suite, bob.random, bob.identity, 0);
  const { message, answered } = value(
    answerIdentity(suite, alice.random, alice.identity, alice.context, offered.message),
  );
  return { suite, bob, alice, offered, authR: message, answered };
}

/** What Bob makes of an Auth-R. */
export function complete(
  { suite, bob, offered, authR }: Handshake,
  changes: {
    authR?: AuthRMessage;
    now?: number;
    graceSeconds?: number;
    context?: Context;
    identity?: LocalIdentity;
  } = {},
): Result<ReturnType<typeof completeOffer> extends Result<infer T> ? T : never> {
  const { context = bob.context, identity = bob.identity, now = NOW, graceSeconds = 0 } = changes;
  return completeOffer(suite, bob.random, identity, context, offered, changes.authR ?? authR, { now, graceSeconds });
}
