// Conversations for the forging tests: honest ones between two devices, forged ones from one desk.

import { utf8 } from "../../src/bytes.ts";
import { type Random, type RandomKind, systemRandom } from "../../src/crypto/random.ts";
import type { Suite, SymmetricKey } from "../../src/crypto/suite.ts";
import type { Forgery } from "../../src/forge/dake.ts";
import { play, type Script } from "../../src/forge/play.ts";
import { recordSecrets } from "../../src/forge/secrets.ts";
import { contextOf, type Role, type Setting } from "../../src/forge/setting.ts";
import { type ForgedTranscript, forgeTranscript } from "../../src/forge/transcript.ts";
import { defaultLimits } from "../../src/limits.ts";
import { createIdentity, type LocalIdentity } from "../../src/profile/identity.ts";
import { value } from "../wire/results.ts";

export const NOW = 1_763_000_000;

/** Two people who kept their forging secrets, and where they talk. */
export interface People {
  readonly initiator: LocalIdentity;
  readonly responder: LocalIdentity;
  readonly setting: Setting;
}

export function people(suite: Suite, random: Random = systemRandom): People {
  const make = (): LocalIdentity =>
    createIdentity(suite, random, { now: NOW, limits: defaultLimits, keepForgingSecret: true });
  const [initiator, responder] = [make(), make()];
  const place = {
    initiator: utf8("bob@example.org"),
    responder: utf8("alice@example.org"),
    shared: [random("id", 16)],
  };
  return { initiator, responder, setting: { initiator: initiator.profile, responder: responder.profile, place } };
}

/** How many values of each kind a conversation drew. */
export type Draws = Partial<Record<RandomKind, number>>;

export function counting(random: Random): { readonly random: Random; readonly draws: Draws } {
  const draws: Draws = {};
  return {
    draws,
    random: (kind, size) => {
      draws[kind] = (draws[kind] ?? 0) + 1;
      return random(kind, size);
    },
  };
}

/**
 * A conversation between two devices, each with its own keys, identity and randomness, and both keeping their
 * secrets.
 */
export function honestTranscript(
  suite: Suite,
  { initiator, responder, setting }: People,
  script: Script,
  random: Record<Role, Random> = { initiator: systemRandom, responder: systemRandom },
): ForgedTranscript {
  const records = {
    initiator: recordSecrets(suite, random.initiator),
    responder: recordSecrets(suite, random.responder),
  };
  const actor = (role: Role, identity: LocalIdentity) => ({
    tag: identity.instanceTag,
    env: () => ({
      suite,
      random: records[role].random,
      now: NOW,
      limits: defaultLimits,
      identity,
      context: contextOf(setting, role),
    }),
  });
  const cast = { initiator: actor("initiator", initiator), responder: actor("responder", responder) };
  const messages = value(play(cast, script));
  const secrets = { initiator: records.initiator.secrets(), responder: records.responder.secrets() };
  return { ...setting, messages, secrets };
}

/** Whose secret a forger may hold. */
export type Holding = "nothing" | `${Role} ${"long-term" | "forging"}`;

export const HOLDINGS: readonly Holding[] = [
  "nothing",
  "initiator long-term",
  "initiator forging",
  "responder long-term",
  "responder forging",
];

function secretOf(cast: People, holding: Holding): SymmetricKey | undefined {
  if (holding === "nothing") return undefined;
  const [role, kind] = holding.split(" ") as [Role, string];
  return kind === "forging" ? cast[role].forgingSecret : cast[role].longTermKey;
}

export function forgeryOf(cast: People, holding: Holding): Forgery {
  return { ...cast.setting, secret: secretOf(cast, holding), now: NOW };
}

export function forgedTranscript(
  suite: Suite,
  cast: People,
  holding: Holding,
  script: Script,
  random: Random = systemRandom,
): ForgedTranscript {
  return value(forgeTranscript(suite, random, { ...forgeryOf(cast, holding), ...script }));
}
