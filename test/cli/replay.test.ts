// The recorded sessions of otr4j through the door that other implementations' tests use: `sottovoce peer` as a process
// of its own, as Alice and as Bob, up to where SMP starts.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { defaultLimits } from "../../src/limits.ts";
import { parseIncoming } from "../../src/wire/armor.ts";
import type { DataMessage } from "../../src/wire/data-message.ts";
import { decodeMessage } from "../../src/wire/messages.ts";
import whole from "../../vectors/sessions/otr4j.json" with { type: "json" };
import fragmented from "../../vectors/sessions/otr4j-fragmented.json" with { type: "json" };
import { lines, shipped, temporaryFolder } from "./harness.ts";

type Name = "alice" | "bob";

interface Recording {
  readonly parties: Record<Name, { readonly account: string }>;
  readonly randoms: Record<Name, object>;
  readonly handshake: { readonly ssid: string };
  readonly steps: readonly RecordedStep[];
}

interface RecordedStep {
  readonly n: number;
  readonly party: Name;
  readonly action: string;
  readonly message?: [number, number];
  readonly text?: string;
  readonly tlvs?: object[];
  readonly content?: string | null;
  readonly state?: string;
  readonly sent: string[];
  readonly differs?: string;
}

type Output = Record<string, unknown>;

const recordings: [string, Recording, string[]][] = [
  ["whole messages", whole as unknown as Recording, []],
  ["fragments of 300", fragmented as unknown as Recording, ["--max-message-bytes", "300"]],
];

function commandFor(recording: Recording, step: RecordedStep): object {
  switch (step.action) {
    case "start":
      return { do: "query", text: "hi" };
    case "recv": {
      const [from, piece] = step.message as [number, number];
      return { do: "receive", message: recording.steps[from]?.sent[piece] };
    }
    case "send":
      return { do: "send", text: step.text, ...(step.tlvs && { tlvs: step.tlvs }) };
    default:
      throw new Error(`unexpected action ${step.action}`);
  }
}

describe.each(recordings)("a recorded session of %s", (_title, recording, options) => {
  it.each(["alice", "bob"] as const)("is replayed byte for byte, as %s", async (name) => {
    const folder = temporaryFolder();
    const write = (file: string, value: object): string => {
      writeFileSync(join(folder, file), JSON.stringify(value));
      return join(folder, file);
    };
    const end = recording.steps.findIndex((step) => step.action.startsWith("smp"));
    const steps = recording.steps.slice(0, end).filter((step) => step.party === name && step.action !== "note");
    const peer = recording.parties[name === "alice" ? "bob" : "alice"];
    const args = [
      ...["peer", "--account", recording.parties[name].account, "--peer", peer.account, "--now", "1500000000"],
      ...["--identity", write("identity.json", recording.parties[name])],
      ...["--insecure-random", write("random.json", recording.randoms[name]), "--insecure-deterministic"],
      ...options,
    ];
    const input = steps.map((step) => `${JSON.stringify(commandFor(recording, step))}\n`).join("");
    const { code, out, err } = await shipped(args, input);
    expect({ code, err }).toEqual({ code: 0, err: "" });

    const outputs = perCommand(lines(out));
    expect(outputs.length).toBe(steps.length);
    let state = "start";
    let compared = 0;
    for (const [i, step] of steps.entries()) {
      const output = outputs[i] as Output[];
      const sent = output.flatMap((line) => ("send" in line ? [line["send"] as string] : []));
      const texts = eventsOf(output, "message").map((line) => line["text"]);
      if (step.differs === undefined) {
        expect(sent, `step ${step.n}`).toEqual(step.sent);
        expect(texts[0] ?? null, `step ${step.n}`).toBe(step.content ?? null);
        expect(eventsOf(output, "error"), `step ${step.n}`).toEqual([]);
        compared += sent.length;
      } else {
        assertDifference(step, sent, texts, output);
      }
      state = (eventsOf(output, "state").at(-1)?.["state"] as string | undefined) ?? state;
      expect(state, `step ${step.n}`).toBe(step.state);
      for (const line of eventsOf(output, "secure")) expect(line["ssid"]).toBe(recording.handshake.ssid);
    }
    expect(compared).toBeGreaterThan(10);
    expect(outputs.flatMap((output) => eventsOf(output, "secure")).length).toBe(1);
  });
});

/** Splits at each `done`, and demands that those are counted. */
function perCommand(output: readonly Output[]): Output[][] {
  const commands: Output[][] = [[]];
  for (const line of output) {
    if ("done" in line) {
      expect(line).toEqual({ done: commands.length });
      commands.push([]);
    } else commands.at(-1)?.push(line);
  }
  expect(commands.pop()).toEqual([]);
  return commands;
}

function eventsOf(output: readonly Output[], event: string): Output[] {
  return output.filter((line) => line["event"] === event);
}

/** The steps where a correct implementation does something else: each is checked for what it should do. */
function assertDifference(
  step: RecordedStep,
  sent: readonly string[],
  texts: readonly unknown[],
  output: readonly Output[],
): void {
  switch (step.n) {
    case 39:
      expect(sent).toEqual([]);
      expect(output).toMatchObject([{ event: "error", code: "STALE" }]);
      return;
    case 48:
      expect(texts).toEqual(["tail, pn must cover"]);
      expect(sent).toEqual([]);
      return;
    case 51: {
      const [ours, theirs] = [sent[0], step.sent[0]].map((text) => dataMessage(text as string)) as [
        DataMessage,
        DataMessage,
      ];
      expect(toHex(ours.sections)).toBe(toHex(theirs.sections));
      expect(toHex(ours.mac)).toBe(toHex(theirs.mac));
      const revealed = ours.revealed.map(toHex);
      expect(revealed.length).toBe(theirs.revealed.length + 1);
      expect(revealed).toEqual(expect.arrayContaining(theirs.revealed.map(toHex)));
      expect(eventsOf(output, "mac-keys-revealed")).toEqual([{ event: "mac-keys-revealed", keys: revealed, by: "us" }]);
      return;
    }
    default:
      throw new Error(`step ${step.n} differs, and no check here says how: ${step.differs}`);
  }
}

function dataMessage(text: string): DataMessage {
  const incoming = parseIncoming(text, defaultLimits);
  if (!incoming.ok || incoming.value.kind !== "message") throw new Error("not an OTR message");
  const message = decodeMessage(incoming.value.bytes, defaultLimits);
  if (!message.ok || message.value.kind !== "data") throw new Error("not a data message");
  return message.value;
}
