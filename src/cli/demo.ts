// The demo: a secret chat from invitation to forgery, told step by step (spec/12, "demo").
import { join } from "node:path";
import { parseArguments } from "./args.ts";
import { tellForgeries } from "./demo/forgery.ts";
import { playInteractively } from "./demo/interactive.ts";
import { createNarrator, type Narrator } from "./demo/narrator.ts";
import { createStage, type Stage } from "./demo/stage.ts";
import { tellStory } from "./demo/story.ts";
import { type Command, exit } from "./io.ts";

const HELP = `Usage: sottovoce demo [options]

Plays a whole secret chat in the terminal, and says what happens: Alice starts it inside her OpenPGP chat with Bob, Bob
accepts, they talk, keys change, mail comes out of order, Alice closes, MAC keys are revealed. Then transcripts are
forged that nobody can tell from the real one. All of it is real: OpenPGP keys and messages, PGP/MIME mails, OTRv4.

Options:
  --fast          no pauses; there are none, either, where nobody watches
  --interactive   type as Alice and as Bob yourself
  --mail-dir DIR  keep each mail as a file in DIR, and both OpenPGP secret keys (alice.asc, bob.asc), to be opened with
                  GnuPG or Sequoia; the keys are made for the demo and protect nothing else

It ends by itself. Colours follow the terminal and NO_COLOR.
`;

export const demoCommand: Command = {
  summary: "a secret chat from invitation to forgery, told step by step",
  help: HELP,
  async run(args, io) {
    const { values } = parseArguments(args, {
      fast: { type: "boolean" },
      interactive: { type: "boolean" },
      "mail-dir": { type: "string" },
    });
    const narrator = createNarrator(io, values.fast === true || !io.watched);
    const mailDir = values["mail-dir"];
    const stage = await createStage(mailDir);
    try {
      if (values.interactive) {
        await narrator.title("sottovoce: a secret chat in your hands. All of it is real.");
        await playInteractively(stage, narrator, io);
      } else {
        await narrator.title("sottovoce: a secret chat, from invitation to forgery. All of it is real.");
        await tellStory(stage, narrator);
        await tellForgeries(stage, narrator);
        const again = io.env["npm_lifecycle_event"] === "start" ? "npm start --" : "sottovoce demo";
        await narrator.facts(
          narrator.paint.dim(`${again} --interactive   be Alice and Bob yourself`),
          narrator.paint.dim(`${again} --mail-dir DIR  keep the mails and the OpenPGP keys, to look inside`),
        );
      }
      if (mailDir !== undefined) await tellOfFiles(narrator, stage, mailDir);
    } finally {
      stage.close();
    }
    return exit.ok;
  },
};

async function tellOfFiles(narrator: Narrator, { people }: Stage, mailDir: string): Promise<void> {
  const { address } = people.Bob;
  await narrator.tell(`The mails, and the secret keys that open them, are in ${mailDir}:`);
  await narrator.facts(
    `gpg --import ${join(mailDir, "bob.asc")}`,
    `gpg --decrypt ${join(mailDir, address, "device")}/*.01-*.eml`,
    `sq decrypt --recipient-file ${join(mailDir, "bob.asc")} ${join(mailDir, address, "device")}/*.01-*.eml`,
    narrator.paint.dim("(older versions of sq call the option --recipient-key)"),
  );
}
