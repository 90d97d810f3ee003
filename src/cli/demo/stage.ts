// The stage of the demo: the two people, everything they sent, everything their devices told (spec/12, "demo").
import { suite } from "#crypto";
import { toHex } from "../../bytes.ts";
import { readDataMessage, verifies } from "../../forge/mac.ts";
import type { DataMessage } from "../../wire/data-message.ts";
import { CommandError } from "../io.ts";
import type { SideEvent } from "../side.ts";
import { createWorld, type Name, type World } from "./world.ts";

/** One mail, with the OTR message in it. */
export interface Travelled {
  /** From 1. */
  readonly number: number;
  readonly from: Name;
  readonly kind: "invitation" | "acceptance" | "message";
  /** The OTR message in its text form. */
  readonly otr: string;
  /** The carrier's name for the PGP/MIME mail. */
  readonly id: string;
  /** When it is a data message. */
  readonly data: DataMessage | undefined;
  /** What its sender typed. */
  readonly text: string | undefined;
}

/** A MAC key that a message revealed, and the message before it that it verifies. */
export interface Revealed {
  readonly key: Uint8Array;
  readonly by: Name;
  readonly inMail: number;
  readonly verifies: Travelled;
}

export interface Stage extends World {
  /** In the order of sending. */
  readonly mails: readonly Travelled[];
  readonly events: readonly { readonly name: Name; readonly event: SideEvent }[];
  /** Says something; gives the mail it travelled in. */
  say(from: Name, text: string): Promise<Travelled>;
  /** Every MAC key revealed so far. Fails unless each verifies a message of the other side. */
  revealed(): readonly Revealed[];
}

/** `mailDir`: a folder in which mails and keys stay. */
export async function createStage(mailDir: string | undefined): Promise<Stage> {
  const mails: Travelled[] = [];
  const events: { name: Name; event: SideEvent }[] = [];
  let typed: string | undefined;
  const tell = (from: Name, event: SideEvent): void => {
    events.push({ name: from, event });
    if (event.type === "sent") {
      const { id, envelope } = event;
      if (envelope.kind !== "invitation" && envelope.kind !== "acceptance" && envelope.kind !== "message") return;
      const { kind, otr } = envelope;
      const data = readDataMessage(otr);
      mails.push({
        ...{ number: mails.length + 1, from, kind, otr, id, text: typed },
        data: data.ok ? data.value : undefined,
      });
    }
  };
  const world = await createWorld({ mailDir, tell });
  return {
    ...world,
    mails,
    events,
    async say(from, text) {
      typed = text;
      try {
        await world.people[from].side.say(text);
      } finally {
        typed = undefined;
      }
      return mails.at(-1) as Travelled;
    },
    revealed: () => mails.flatMap((mail) => revealedIn(mails, mail)),
  };
}

function revealedIn(mails: readonly Travelled[], { data, from, number }: Travelled): Revealed[] {
  return (data?.revealed ?? []).map((key) => {
    const seen = mails.find(
      (mail) =>
        mail.number < number && mail.from !== from && mail.data !== undefined && verifies(suite, mail.data, key),
    );
    if (seen === undefined) throw new CommandError(`A revealed MAC key verifies no message: ${toHex(key)}.`);
    return { key, by: from, inMail: number, verifies: seen };
  });
}
