// Context: both sides contribute the same, by position (spec/05, "Context").
import { expect, it } from "vitest";
import { attestedContext } from "../../src/openpgp/index.ts";
import { publicKey } from "./fixtures.ts";

it("names both keys, with versions, and the chat", async () => {
  const [alice, carol] = [await publicKey("alice"), await publicKey("carol")];
  const chatId = new Uint8Array(16).fill(7);
  const hers = attestedContext(alice.id, carol.id, chatId);
  const theirs = attestedContext(carol.id, alice.id, chatId);
  expect(hers).toEqual({ ours: theirs.theirs, theirs: theirs.ours, shared: [chatId] });
  expect([hers.ours[0], hers.ours.length, hers.theirs[0], hers.theirs.length]).toEqual([4, 21, 6, 33]);
});
