// The end of the story: two forgeries, and a judge who cannot tell (spec/12, "demo"; spec/10, "A forged transcript").
import { suite } from "#crypto";
import { toHex, utf8 } from "../../bytes.ts";
import { systemRandom } from "../../crypto/random.ts";
import type { Result } from "../../errors.ts";
import { alterWithRevealedKey } from "../../forge/alter.ts";
import { readDataMessage, verifies } from "../../forge/mac.ts";
import type { SessionSecrets } from "../../forge/secrets.ts";
import { placeOf } from "../../forge/setting.ts";
import { forgeTranscript, type Transcript } from "../../forge/transcript.ts";
import { type Verdict, verifyTranscript } from "../../forge/verify.ts";
import { attestedContext } from "../../openpgp/context.ts";
import { CommandError } from "../io.ts";
import type { Narrator } from "./narrator.ts";
import { pad, short } from "./show.ts";
import type { Stage } from "./stage.ts";

export async function tellForgeries(stage: Stage, narrator: Narrator): Promise<void> {
  const evidence = evidenceOf(stage);
  await alteredMessage(stage, narrator, evidence);
  await forgedConversation(stage, narrator, evidence);
}

/** What Bob could carry to a judge: all messages, and every ephemeral secret that his device drew. */
interface Evidence {
  readonly transcript: Transcript;
  readonly secrets: SessionSecrets;
}

function evidenceOf({ people: { Alice, Bob }, mails }: Stage): Evidence {
  const context = attestedContext(Alice.openpgpId, Bob.openpgpId, Alice.side.chatId);
  return {
    transcript: {
      initiator: Alice.identity.profile,
      responder: Bob.identity.profile,
      place: placeOf(context, "initiator"),
      messages: mails.map((mail) => mail.otr),
    },
    secrets: Bob.recorder.secrets(),
  };
}

async function alteredMessage(stage: Stage, narrator: Narrator, { transcript, secrets }: Evidence): Promise<void> {
  const { chapter, tell, facts, checked } = narrator;
  await chapter("Forgery: another word in a real message");
  const known = "eight";
  const replacement = "seven";
  const mail = stage.mails.find(({ text }) => text?.includes(known));
  if (mail?.text === undefined || mail.data === undefined) throw new CommandError("The demo failed: no such message.");
  await tell(
    `Mail ${pad(mail.number)} said “${mail.text}”. Its MAC key has been revealed since. Whoever sees the OTR message ` +
      "and guesses one word puts another of the same length in its place, and needs no other key:",
  );
  const keys = stage.revealed().map(({ key }) => key);
  const offset = utf8(mail.text.slice(0, mail.text.indexOf(known))).length;
  const altered = taken(alterWithRevealedKey(suite, mail.otr, keys, { offset, known, replacement }));
  const message = taken(readDataMessage(altered.text));
  await facts(
    `ciphertext, real      ${toHex(mail.data.ciphertext)}`,
    `ciphertext, altered   ${toHex(message.ciphertext)}`,
    `MAC, real             ${short(mail.data.mac)}`,
    `MAC, altered          ${short(message.mac)}`,
  );
  if (!verifies(suite, message, altered.macKey))
    throw new CommandError("The demo failed: the forgery does not verify.");
  await checked(`the altered message verifies under the revealed MAC key ${short(altered.macKey)}`);
  const messages = transcript.messages.map((text) => (text === mail.otr ? altered.text : text));
  const verdict = judge({ ...transcript, messages }, secrets);
  const says = verdict.messages.find(({ index }) => index === mail.number - 1)?.plaintext?.text;
  await checked(`a judge to whom Bob gives every key he ever had reads “${says}”`);
}

async function forgedConversation(stage: Stage, narrator: Narrator, real: Evidence): Promise<void> {
  const { chapter, tell } = narrator;
  await chapter("Forgery: a conversation that never was");
  await tell(
    "Now Bob makes a whole chat by himself, from invitation to close. Alice's profile, which she gives to everyone, " +
      "and his own key are all he needs. Her device is not asked.",
  );
  const forged = taken(
    forgeTranscript(suite, systemRandom, {
      initiator: real.transcript.initiator,
      responder: real.transcript.responder,
      place: real.transcript.place,
      now: Date.now() / 1000,
      secret: stage.people.Bob.identity.longTermKey,
      lines: [
        { from: "initiator", text: "I took the money." },
        { from: "responder", text: "Alice! Why?" },
        { from: "initiator", text: "Nobody can ever prove it." },
      ],
    }),
  );
  const verdicts: Verdicts = [judge(real.transcript, real.secrets), judge(forged, forged.secrets.responder)];
  await tell("Both go to the same verifier, each with all the session keys that Bob has of it:");
  await showVerdicts(narrator, verdicts);
  await tell(
    "One of them happened, and no judge can find out which: that is deniability. It does not hide that mails went to " +
      "and fro, nor keep anyone from believing Bob. Where a mail provider signs what it carries (DKIM), whoever " +
      "keeps the raw mails has more than Bob's word; a messenger has to say so.",
  );
}

type Verdicts = readonly [real: Verdict, forged: Verdict];

const LABEL_COLUMNS = 30;
const VERDICT_COLUMNS = 29;

async function showVerdicts({ facts, paint, who }: Narrator, verdicts: Verdicts): Promise<void> {
  const columns = (label: string, cells: readonly string[]): string =>
    `${label.padEnd(LABEL_COLUMNS)}${cells.map((cell) => cell.padEnd(VERDICT_COLUMNS)).join("")}`.trimEnd();
  const row = (label: string, cell: (verdict: Verdict) => string): Promise<void> =>
    facts(columns(label, verdicts.map(cell)));
  await facts(paint.dim(columns("", ["the real one", "the forged one"])));
  for (const i of [0, 1, 2]) {
    const from = verdicts[0].messages[i]?.from === "initiator" ? "Alice" : "Bob";
    await facts(
      `${who(from)}${columns(
        "",
        verdicts.map((verdict) => `“${verdict.messages[i]?.plaintext?.text}”`),
      ).slice(5)}`,
    );
  }
  await row("Alice's fingerprint", ({ fingerprints }) => short(fingerprints.initiator));
  await row("Bob's fingerprint", ({ fingerprints }) => short(fingerprints.responder));
  await row("session id", ({ ssid }) => toHex(ssid ?? new Uint8Array()));
  // What does not hold is no verdict: the verifier then names the message.
  await row("profiles, ring signatures", () => "verified");
  await row(
    "under the session keys",
    ({ messages }) =>
      `${messages.filter(({ underSecrets }) => underSecrets).length} of ${messages.length} messages verify`,
  );
  await row(
    "under revealed MAC keys",
    ({ messages }) =>
      `${messages.filter(({ underRevealedKey }) => underRevealedKey).length} of ${messages.length} messages verify`,
  );
  await row("made by", () => "Alice and Bob, or Bob, or …");
}

function judge(transcript: Transcript, secrets: SessionSecrets): Verdict {
  return taken(verifyTranscript(suite, transcript, { now: Date.now() / 1000, secrets }));
}

function taken<T>(result: Result<T>): T {
  if (!result.ok) throw new CommandError(`The demo failed: ${result.why} (${result.code}).`);
  return result.value;
}
