// The story that the demo tells, from the invitation to the close (spec/12, "demo").
import { toHex } from "../../bytes.ts";
import { formatFingerprint } from "../../profile/fingerprint.ts";
import type { SessionEvent } from "../../session/step.ts";
import { CommandError } from "../io.ts";
import { formatTag } from "../tags.ts";
import type { Narrator } from "./narrator.ts";
import { pad, short, showMail, showMessage, showStates, showTableHead } from "./show.ts";
import type { Stage } from "./stage.ts";
import { NAMES, type Name, otherName } from "./world.ts";

/** Tells all of it; what happens, happens on the stage. */
export async function tellStory(stage: Stage, narrator: Narrator): Promise<void> {
  await twoPeople(stage, narrator);
  await invitation(stage, narrator);
  await acceptance(stage, narrator);
  await conversation(stage, narrator);
  await outOfOrder(stage, narrator);
  await closing(stage, narrator);
}

async function twoPeople(stage: Stage, { who, chapter, tell, facts }: Narrator): Promise<void> {
  await chapter("Two people who already write to each other with OpenPGP");
  await tell(
    "Alice and Bob chat in their messenger, and each has the other's OpenPGP key pinned. Those messages are " +
      "encrypted and signed: whoever takes a key reads everything that was ever written, and can show it around with " +
      "the signature that proves it. So they go under their breath.",
  );
  for (const name of NAMES) {
    const { address, openpgpId, identity } = stage.people[name];
    const key = `OpenPGP v${openpgpId[0]} key ${short(openpgpId.slice(1))}`;
    await facts(`${who(name)}  ${address.padEnd(18)} ${key}  OTR device ${formatTag(identity.instanceTag)}`);
  }
}

async function invitation(stage: Stage, narrator: Narrator): Promise<void> {
  const { chapter, tell, screens } = narrator;
  await chapter("Alice starts a secret chat");
  await screens({ Alice: ["Bob                               ⋮", "  View profile", "▸ Start secret chat", "  Mute"] });
  await stage.people.Alice.side.invite();
  await showMail(stage, narrator, "an invitation: chat id, attestation, OTRv4's Identity message");
  await tell(
    "The attestation: Alice's OpenPGP key signs “this OTR key is mine until …”, and the OTR key confirms the OpenPGP " +
      "key. It names no Bob and no conversation: she could print it on her business card.",
  );
  await screens({ Alice: ["Bob · secret chat", "pending: Bob has not accepted yet"] });
  await showStates(stage, narrator);
}

async function acceptance(stage: Stage, narrator: Narrator): Promise<void> {
  const { chapter, tell, screens, checked } = narrator;
  await chapter("Bob is asked, and accepts");
  await deliverOne(stage, "Bob");
  await showArrival(stage, narrator, "Bob", "Identity");
  await screens({ Bob: ["Secret chat", "claims to be Alice, not confirmed", "", "[ Accept ]   [ Decline ]"] });
  await tell(
    "Not confirmed, because anyone could send that attestation once more. Only a completed handshake shows that " +
      "Alice's device holds the key.",
  );
  await stage.people.Bob.side.accept();
  await showMail(stage, narrator, "an acceptance: attestation, OTRv4's Auth-R message");
  await showStates(stage, narrator);
  await deliverOne(stage, "Alice");
  await showArrival(stage, narrator, "Alice", "Auth-R");
  await showMail(stage, narrator, "OTRv4's Auth-I message");
  await deliverOne(stage, "Bob");

  const [ours, theirs] = NAMES.map((name) => lastEvent(stage, name, "established"));
  const ssid = toHex(ours?.ssid ?? new Uint8Array());
  demand(ours !== undefined && ssid === toHex(theirs?.ssid ?? new Uint8Array()), "the session ids differ");
  const fingerprint = formatFingerprint(ours?.ourFingerprint ?? new Uint8Array());
  await checked(`both sides computed the same session id: ${ssid.slice(0, 8)} ${ssid.slice(8)}`);
  await checked(`each proved to the other to hold its OTR key, Alice that of ${fingerprint.slice(0, 17)} …`);
  await tell(
    "They proved it with ring signatures, which say “by Alice, or by Bob himself”. Bob is convinced, since he knows " +
      "that he did not make it. Nobody else can be.",
  );
  await screens({ Alice: ["Bob · secret chat", "active"], Bob: ["Alice · secret chat", "active"] });
  await showStates(stage, narrator);
}

async function conversation(stage: Stage, narrator: Narrator): Promise<void> {
  await narrator.chapter("They talk, and the keys change");
  await showTableHead(narrator);
  const lines: [Name, string][] = [
    ["Alice", "Can you talk?"],
    ["Bob", "Under my breath."],
    ["Alice", "I have the originals."],
    ["Bob", "When can I see them?"],
  ];
  for (const [from, text] of lines) {
    const mail = await stage.say(from, text);
    await deliverOne(stage, otherName(from));
    demand(lastEvent(stage, otherName(from), "message").text === text, "another text arrived");
    await showMessage(stage, narrator, mail);
  }
  await narrator.tell(
    "Whoever speaks after the other begins a new ratchet (i): with a new ECDH key (*) each time, with a new 3072-bit " +
      "DH key in every third. Each message (j) has a key of its own, erased after use. The MAC keys of messages that " +
      "were read are revealed in the next turn: nobody needs them any more, except forgers.",
  );
}

async function outOfOrder(stage: Stage, narrator: Narrator): Promise<void> {
  const { chapter, facts, tell, screens, who, paint } = narrator;
  await chapter("Mail comes out of order");
  await showTableHead(narrator);
  const texts = ["Thursday,", "at eight,", "behind the theatre."];
  for (const text of texts) await showMessage(stage, narrator, await stage.say("Alice", text));
  await stage.deliver();
  await tell("Bob's phone fetches the newest first, then the others:");
  const waiting = [0, 1, 2];
  for (const wanted of [2, 0, 1]) {
    await stage.open("Bob", waiting.indexOf(wanted));
    waiting.splice(waiting.indexOf(wanted), 1);
    const { text, messageId } = lastEvent(stage, "Bob", "message");
    demand(text === texts[wanted], "another text arrived");
    const kept = stage.people.Bob.side.endpoint.sessions[0]?.current?.ratchet.skipped ?? [];
    const keys = kept.map((entry) => entry.messageId).join(" and ");
    await facts(
      `${who("Bob")} reads j = ${messageId}  ${`“${text}”`.padEnd(24)}` +
        paint.dim(kept.length === 0 ? "no keys kept" : `keys kept for j = ${keys}`),
    );
  }
  await screens({ Bob: ["Alice · secret chat", ...texts.map((text) => `Alice: ${text}`)] });
  const answer = await stage.say("Bob", "I will be there.");
  await deliverOne(stage, "Alice");
  await showTableHead(narrator);
  await showMessage(stage, narrator, answer);
}

async function closing(stage: Stage, narrator: Narrator): Promise<void> {
  const { chapter, tell, screens, checked, who, paint } = narrator;
  await chapter("Alice closes the chat");
  await stage.people.Alice.side.close();
  await showMail(stage, narrator, "goodbye, and MAC keys in the clear");
  await deliverOne(stage, "Bob");
  await showMail(stage, narrator, "the MAC keys that Bob's side still had to reveal");
  await stage.settle();
  const buttons = "[ Start a new one ]   [ Erase ]";
  await screens({
    Alice: ["Bob · secret chat", "closed · read-only", "", buttons],
    Bob: ["Alice · secret chat", "closed by Alice · read-only", "", buttons],
  });
  await showStates(stage, narrator);
  for (const name of NAMES) {
    demand(stage.people[name].side.endpoint.sessions.length === 0, `${name} still holds keys of the session`);
  }
  await tell("Every key of the conversation is gone from both devices. These MAC keys were revealed:");
  const revealed = stage.revealed();
  for (const { key, by, inMail, verifies } of revealed) {
    const what = verifies.text === undefined ? paint.dim("(goodbye)") : `“${verifies.text}”`;
    await checked(`${short(key)} by ${who(by)} in mail ${pad(inMail)}, verifies mail ${pad(verifies.number)} ${what}`);
  }
  await tell(
    `MAC keys revealed: ${revealed.length}; verified against a message seen before: ${revealed.length}. Whoever gets ` +
      "to see the inside of these mails can now make messages that verify, so a MAC proves nothing to anyone.",
  );
}

/** An invitation or acceptance was opened: what the device found in order. */
async function showArrival(stage: Stage, { checked }: Narrator, name: Name, message: string): Promise<void> {
  const found = stage.events.findLast((entry) => entry.name === name && entry.event.type === "attested")?.event;
  if (found?.type !== "attested") throw new CommandError(`The demo failed: ${name} got no attestation that holds.`);
  const { key, profile } = found.attested;
  const until = new Date(Number(profile.expires) * 1000).toISOString().slice(0, 10);
  await checked(`the mail decrypts with ${name}'s OpenPGP key, and carries no signature`);
  await checked(`the attestation is signed by ${otherName(name)}'s pinned OpenPGP key ${short(key.fingerprint)}`);
  await checked(`the OTR key confirms it in return; both hold until ${until}`);
  await checked(`the ${message} message brings the same OTR key`);
}

async function deliverOne(stage: Stage, name: Name): Promise<void> {
  await stage.deliver();
  await stage.open(name);
  const refused = stage.events.find(({ event }) => event.type === "refused")?.event;
  if (refused?.type === "refused") throw new CommandError(`The demo failed: ${refused.rejection.why}.`);
}

type EventOf<Type> = Extract<SessionEvent, { type: Type }>;

function lastEvent<Type extends "established" | "message">(stage: Stage, name: Name, type: Type): EventOf<Type> {
  for (const { name: whose, event } of [...stage.events].reverse()) {
    if (whose === name && event.type === "session" && event.event.type === type) return event.event as EventOf<Type>;
  }
  throw new CommandError(`The demo failed: ${name}'s device did not tell of "${type}".`);
}

function demand(condition: boolean, what: string): void {
  if (!condition) throw new CommandError(`The demo failed: ${what}.`);
}
