// Texts that are not OTR messages: words, queries, whitespace tags, error messages.
import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/limits.ts";
import { query } from "../../src/session/actions.ts";
import { createBudget } from "../../src/session/budget.ts";
import { errorMessage, whitespaceTag } from "../../src/wire/armor.ts";
import { carry, friends, messageOf, only, type Player, strangers, tell } from "../support/players.ts";

const ask = { answer: "ask" } as const;

/** What a text that changes nothing does. */
function quiet(player: Player, text: string): readonly unknown[] {
  const before = player.endpoint;
  const step = player.receive(text);
  expect(step.send).toEqual([]);
  expect(player.endpoint).toBe(before);
  return step.events;
}

describe("words", () => {
  it.each(["hello", "", "?OT", "OTR: ?OTRv4?", " \t ", "?OTRv4", "?otrv4?"])("%j are handed on", (text) => {
    expect(quiet(strangers()[0], text)).toEqual([{ type: "plaintext", text, versions: undefined }]);
  });

  it("are handed on in a conversation too, and marked as not encrypted", () => {
    const [alice] = friends();
    expect(quiet(alice, "who is this?")).toEqual([{ type: "plaintext", text: "who is this?", versions: undefined }]);
  });
});

describe("a query", () => {
  it("asks with a text, and leaves the state as it is", () => {
    const [alice] = strangers();
    const before = alice.endpoint;
    const step = alice.take((endpoint) => query(endpoint, "Shall we?"));
    expect(step).toEqual({ endpoint: before, send: ["?OTRv4? Shall we?"], events: [], wipe: [] });
    expect(alice.endpoint).toBe(before);
  });

  it("is answered with an Identity under the policy auto, and a conversation follows", () => {
    const [alice, bob] = strangers();
    const step = bob.receive("?OTRv4? Shall we?");
    expect(step.events).toEqual([{ type: "plaintext", text: "Shall we?", versions: "4" }]);
    expect(messageOf(only(step.send), "identity").receiverTag).toBe(0);
    carry(bob, alice, step.send);
    tell(alice, bob, "We shall.");
    expect(bob.texts).toEqual(["We shall."]);
  });

  it.each(["?OTRv34?", "?OTRv4x?", `words${whitespaceTag()}`, `${whitespaceTag()}`, `a${whitespaceTag()}b`])(
    "%j offers version 4",
    (text) => {
      expect(strangers()[0].receive(text).send.length).toBe(1);
    },
  );

  it.each(["?OTRv3?", "?OTRv?", "?OTRv23? old", " \t  \t\t\t\t \t \t \t    \t\t  \t\twords"])(
    "%j without version 4 is answered with nothing",
    (text) => {
      quiet(strangers()[0], text);
    },
  );

  it.each(["?OTRv4?", `words${whitespaceTag()}`])("%j is shown and nothing else under the policy ask", (text) => {
    const events = quiet(strangers({ policy: ask })[0], text);
    expect(events).toMatchObject([{ type: "plaintext", versions: "4" }]);
  });

  it("loses its whitespace tag before it is shown", () => {
    const [alice] = strangers({ policy: ask });
    const event = { type: "plaintext", text: "before and after", versions: "4" };
    expect(quiet(alice, `before${whitespaceTag()} and after`)).toEqual([event]);
  });

  it("does nothing during a conversation: anybody could have written it", () => {
    const [alice] = friends();
    expect(quiet(alice, "?OTRv4?")).toMatchObject([{ type: "plaintext", versions: "4" }]);
    expect(() => alice.take((endpoint) => query(endpoint, ""))).toThrow(expect.objectContaining({ code: "BAD_STATE" }));
  });

  it("is answered with the same Identity again, so often a minute and no more", () => {
    const [, bob] = strangers({}, [{}, { budget: createBudget(defaultLimits) }]);
    const first = bob.receive("?OTRv4?").send;
    for (let i = 0; i < defaultLimits.errorsPerMinute; i++) expect(bob.receive("?OTRv4?").send).toEqual(first);
    expect(quiet(bob, "?OTRv4?")).toMatchObject([{ type: "plaintext", versions: "4" }]);
    expect(bob.start()).toBe(first[0]);
    bob.wait(60);
    expect(bob.receive("?OTRv4?").send).toEqual(first);
  });
});

describe("an error message", () => {
  it.each([1, 2, 3] as const)("with code %i becomes an event and decides nothing", (code) => {
    for (const player of [strangers()[0], friends()[0]]) {
      expect(quiet(player, errorMessage(code))).toMatchObject([{ type: "error-message", code }]);
    }
  });

  it("in words of its own has no code", () => {
    const [alice] = friends();
    const text = "You sent me a message I cannot read.";
    expect(quiet(alice, `?OTR Error: ${text}`)).toEqual([{ type: "error-message", code: undefined, text }]);
    expect(quiet(alice, "?OTR Error: ERROR_4: new")).toMatchObject([{ type: "error-message", code: undefined }]);
  });
});
