// Every order in which what two endpoints do, and the mail between them, can happen. Nothing is lost here: that is for
// the simulator. No step is committed, so that all orders can share their beginnings.
import { toHex } from "../../src/bytes.ts";
import { send } from "../../src/session/actions.ts";
import { receive } from "../../src/session/receive.ts";
import type { Env, SessionEvent, Step } from "../../src/session/step.ts";
import type { Endpoint } from "../../src/session/types.ts";
import { type Two, textsOf } from "../support/players.ts";

export type Move = (endpoint: Endpoint, env: Env) => Step;

/** Two endpoints, what is on its way to each, and what each was told. */
export interface World {
  readonly ends: readonly [Endpoint, Endpoint];
  readonly mail: readonly [readonly string[], readonly string[]];
  readonly events: readonly [readonly SessionEvent[], readonly SessionEvent[]];
  readonly moved: readonly [number, number];
  /** How many messages each has said. */
  readonly said: readonly [number, number];
}

type Side = 0 | 1;

export interface Orders {
  readonly two: Two;
  /** What each does, in this order, at any time. */
  readonly moves: readonly [readonly Move[], readonly Move[]];
  /** Whether mail in one direction keeps its order. */
  readonly ordered: boolean;
}

/** Says this if there is a conversation to say it in. */
export function say(text: string): Move {
  return function says(endpoint, env) {
    const session = endpoint.sessions.at(-1);
    if (session?.current === undefined) return { endpoint, send: [], events: [], wipe: [] };
    return send(endpoint, session.id, { text }, env);
  };
}

/** What can happen next. */
function options({ two, moves, ordered }: Orders, world: World): (() => World)[] {
  return ([0, 1] as const).flatMap((side) => {
    const { env } = two[side];
    const end = world.ends[side];
    const move = moves[side][world.moved[side]];
    const waiting = world.mail[side];
    const moved = { ...world, moved: change(world.moved, side, world.moved[side] + 1) };
    return [
      ...(move === undefined ? [] : [() => afterMove(moved, side, move(end, env), move)]),
      ...(ordered ? waiting.slice(0, 1) : waiting).map((text, i) => (): World => {
        const mail = change(world.mail, side, waiting.toSpliced(i, 1));
        return afterStep({ ...world, mail }, side, receive(end, text, env));
      }),
    ];
  });
}

function afterMove(world: World, side: Side, step: Step, { name }: Move): World {
  const said = name === "says" && step.send.length > 0 ? 1 : 0;
  return { ...afterStep(world, side, step), said: change(world.said, side, world.said[side] + said) };
}

/** Every world in which nothing is left to do. */
export function* outcomes(orders: Orders, world: World = beginning(orders.two)): Generator<World> {
  const next = options(orders, world);
  if (next.length === 0) yield world;
  for (const option of next) yield* outcomes(orders, option());
}

/** One of them, chosen by a number below 1 at every turn. */
export function outcome(orders: Orders, choose: () => number, world: World = beginning(orders.two)): World {
  let so = world;
  for (let next = options(orders, so); next.length > 0; next = options(orders, so)) {
    so = (next[Math.floor(choose() * next.length)] as () => World)();
  }
  return so;
}

/** Nothing has happened yet. */
export function beginning(two: Two): World {
  return { ends: [two[0].endpoint, two[1].endpoint], mail: [[], []], events: [[], []], moved: [0, 0], said: [0, 0] };
}

/** The world after a step of one side, whose texts are on their way to the other. */
export function afterStep(world: World, side: Side, step: Step): World {
  const other = (1 - side) as Side;
  return {
    ...world,
    ends: change(world.ends, side, step.endpoint),
    mail: change(world.mail, other, [...world.mail[other], ...step.send]),
    events: change(world.events, side, [...world.events[side], ...step.events]),
  };
}

function change<T>(pair: readonly [T, T], side: Side, value: T): readonly [T, T] {
  return side === 0 ? [value, pair[1]] : [pair[0], value];
}

/** The hash of the Identity behind the conversation that each side speaks in. */
export function hashes({ ends }: World): string[] {
  return ends.map(({ sessions }) => {
    const hash = sessions.at(-1)?.current?.hash;
    return hash === undefined ? "none" : toHex(hash);
  });
}

/** What each side has read. */
export function read({ events }: World): string[][] {
  return events.map(textsOf);
}
