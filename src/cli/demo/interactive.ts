// The demo in the hands of a person, who types as Alice and as Bob (spec/12, "demo").
import { toHex } from "../../bytes.ts";
import { SottovoceError } from "../../errors.ts";
import type { SessionEvent } from "../../session/step.ts";
import { type Io, UsageError } from "../io.ts";
import { linesOf } from "../lines.ts";
import { printable } from "../paint.ts";
import type { SideEvent } from "../side.ts";
import type { ChatState } from "./judge.ts";
import type { Narrator } from "./narrator.ts";
import { pad, short, showMessage, showStates, showTableHead } from "./show.ts";
import type { Stage } from "./stage.ts";
import { type Name, otherName } from "./world.ts";

const MAX_LINE_BYTES = 65_536;
const COMMANDS = [
  "/start    start a secret chat, as the one you are now",
  "/accept   accept the invitation",
  "/close    close the chat: the MAC keys are revealed",
  "/state    in which state both sides are",
  "/alice    be Alice from here on; /bob: be Bob",
  "/quit     end; everything else is said in the chat",
];

export async function playInteractively(stage: Stage, narrator: Narrator, io: Io): Promise<void> {
  const { facts, tell, who } = narrator;
  await tell("You are Alice and Bob, on two devices, with mail between them. What you can type:");
  await facts(...COMMANDS);
  let name: Name = "Alice";
  let told = stage.events.length;
  const prompt = (): Promise<void> => io.out(`\n${who(name).trimEnd()} › `);
  await prompt();
  for await (const line of linesOf(io.input, MAX_LINE_BYTES)) {
    const text = line.kind === "text" ? line.text.trim() : "";
    if (!io.typed) await io.out(`${printable(text)}\n`);
    if (text === "/quit") return;
    if (text === "/alice" || text === "/bob") name = text === "/alice" ? "Alice" : "Bob";
    else if (line.kind !== "text") await facts("That was no text, or too long a one.");
    else await obey(stage, narrator, name, text);
    for (; told < stage.events.length; told++) {
      const entry = stage.events[told];
      if (entry !== undefined) await report(stage, narrator, entry.name, entry.event);
    }
    await prompt();
  }
  await io.out("\n");
}

async function obey(stage: Stage, narrator: Narrator, name: Name, text: string): Promise<void> {
  const { side } = stage.people[name];
  try {
    if (text === "") return;
    if (text === "/start") await (side.state === "invited" ? side.accept() : side.invite());
    else if (text === "/accept") await side.accept();
    else if (text === "/close") await side.close();
    else if (text === "/state") return await showStates(stage, narrator);
    else if (text.startsWith("/")) throw new UsageError(`There is no "${printable(text)}" here.`);
    else await stage.say(name, text);
    await stage.settle();
  } catch (error) {
    if (!(error instanceof SottovoceError || error instanceof UsageError)) throw error;
    await narrator.facts(narrator.paint.warn(error.message));
  }
}

/** What the user of a device gets to see, and what travelled. */
async function report(stage: Stage, narrator: Narrator, name: Name, event: SideEvent): Promise<void> {
  const { facts, who, paint } = narrator;
  switch (event.type) {
    case "sent": {
      const mail = stage.mails.find(({ id }) => id === event.id);
      if (mail === undefined) return;
      if (mail.text === undefined) {
        const what = mail.data === undefined ? mail.kind : "message without a text";
        return await facts(
          paint.dim(`✉ ${pad(mail.number)} ${name} → ${otherName(name)}: ${what}, encrypted, not signed`),
        );
      }
      await showTableHead(narrator);
      return await showMessage(stage, narrator, { ...mail, text: printable(mail.text) });
    }
    case "state":
      return await facts(`${who(name)} ${SEES[event.state](otherName(name))}`);
    case "session":
      return await reportSession(stage, narrator, name, event.event);
    case "refused":
      return await facts(paint.warn(`${name}'s device refused a mail: ${event.rejection.why}`));
    case "attested":
    case "opened":
      return;
  }
}

const SEES: Readonly<Record<ChatState, (peer: Name) => string>> = {
  none: () => "sees no secret chat",
  inviting: (peer) => `sees a pending secret chat: ${peer} has not accepted yet`,
  invited: (peer) => `sees an invitation: claims to be ${peer}, not confirmed (/accept)`,
  joining: (peer) => `sees a pending secret chat: ${peer}'s device has not answered yet`,
  active: (peer) => `sees an active secret chat with ${peer}`,
  closed: (peer) => `sees that the secret chat with ${peer} is closed, read-only`,
};

async function reportSession(
  stage: Stage,
  { facts, who, checked }: Narrator,
  name: Name,
  event: SessionEvent,
): Promise<void> {
  switch (event.type) {
    case "established":
      return await checked(`${who(name)} has the session id ${toHex(event.ssid)}, and ${otherName(name)}'s proof`);
    case "message":
      return await facts(`${who(name)} reads “${printable(event.text)}”`);
    case "mac-keys-revealed": {
      if (event.by === "peer") return;
      const found = stage.revealed().filter(({ key }) => event.keys.some((other) => toHex(other) === toHex(key)));
      for (const { key, verifies } of found) {
        const said = verifies.text === undefined ? "" : ` “${printable(verifies.text)}”`;
        await checked(`${who(name)} revealed the MAC key ${short(key)} of mail ${pad(verifies.number)}${said}`);
      }
      return;
    }
    case "rejected":
      // The MAC keys that the other side reveals at the end are for nobody in particular.
      if (stage.people[name].side.state === "closed") return;
      return await facts(`${who(name)}'s device refused a message: ${event.why}`);
    default:
      return;
  }
}
