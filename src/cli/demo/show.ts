// What the story keeps showing: mails from outside and inside, states, messages with their keys (spec/12, "demo").
import { toHex } from "../../bytes.ts";
import type { Endpoint } from "../../session/types.ts";
import { CommandError } from "../io.ts";
import type { Narrator } from "./narrator.ts";
import type { Stage, Travelled } from "./stage.ts";
import { NAMES, otherName } from "./world.ts";

/** The mail that was sent last, from the outside and from the inside. */
export async function showMail(stage: Stage, { who, facts, paint }: Narrator, contents: string): Promise<void> {
  const mail = stage.mails.at(-1);
  if (mail === undefined) throw new CommandError("The demo failed: no mail was sent.");
  const text = await stage.fileOf(mail.id);
  const lines = text.split("\r\n");
  const begin = lines.findIndex((line) => line.startsWith("-----BEGIN PGP MESSAGE"));
  await facts(
    `✉ ${pad(mail.number)}  ${who(mail.from)} → ${who(otherName(mail.from))}  PGP/MIME, ` +
      `${thousands(text.length)} bytes, encrypted and ${paint.bold("not signed")}`,
    ...[lines[begin], lines[begin + 2]].map((line) => paint.dim(`      ${line}`)),
    `      inside: ${contents}`,
  );
}

/** In which state each side is: as a chat, and for OTR. */
export async function showStates(stage: Stage, { who, facts, paint }: Narrator): Promise<void> {
  const states = NAMES.map((name) => {
    const { side } = stage.people[name];
    return `${who(name).trimEnd()}: ${side.state} ${paint.dim(`(OTR: ${otrState(side.endpoint)})`)}`;
  });
  await facts(`state   ${states.join("   ")}`);
}

function otrState({ offer, invitations, answers, sessions }: Endpoint): string {
  if (sessions.some((session) => session.current !== undefined)) return "encrypted messages";
  if (answers.length > 0) return "waiting for Auth-I";
  if (offer !== undefined) return "waiting for Auth-R";
  if (invitations.length > 0) return "start, an Identity came";
  return sessions.length > 0 ? "finished" : "start";
}

const TEXT_COLUMNS = 30;

export async function showTableHead({ facts, paint }: Narrator): Promise<void> {
  await facts(paint.dim(`${"".padEnd(10)}${"".padEnd(TEXT_COLUMNS)}  i  j  ECDH key   DH key     reveals`));
}

/** A data message: its numbers and keys as everyone sees them, a star where a key is new. */
export async function showMessage(stage: Stage, { who, facts, paint }: Narrator, mail: Travelled): Promise<void> {
  const { data, from, text = "", number } = mail;
  if (data === undefined) throw new CommandError("The demo failed: this is no data message.");
  const before = stage.mails.findLast((other) => other.from === from && other.number < number && other.data)?.data;
  const key = (now: Uint8Array, then: Uint8Array | undefined): string => {
    if (now.length === 0) return "–".padEnd(9);
    const hex = toHex(now.slice(0, 4));
    return then !== undefined && toHex(now) === toHex(then) ? paint.dim(`${hex} `) : paint.good(`${hex}*`);
  };
  await facts(
    [
      paint.dim(pad(number)),
      who(from),
      ` ${`“${text}”`.padEnd(TEXT_COLUMNS)}`,
      ` ${data.ratchetId} `,
      `${data.messageId} `,
      `${key(data.ecdh, before?.ecdh)} `,
      `${key(data.dh, before?.dh)} `,
      data.revealed.length === 0 ? "–" : `${data.revealed.length} MAC key${data.revealed.length === 1 ? "" : "s"}`,
    ].join(" "),
  );
}

/** The first bytes of something long, for people. */
export function short(bytes: Uint8Array): string {
  return `${toHex(bytes.slice(0, 8))}…`;
}

export function pad(number: number): string {
  return String(number).padStart(2, "0");
}

function thousands(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
