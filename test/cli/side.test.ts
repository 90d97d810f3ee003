// One side of a secret chat: what it believes, and what it does not.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import { createMemoryNetwork, type MemoryCarrier } from "../../src/carrier/memory.ts";
import { createSide, type Side, type SideEvent } from "../../src/cli/side.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { decodeEnvelope, type Envelope, encodeEnvelope } from "../../src/openpgp/envelope.ts";
import type { LocalIdentity } from "../../src/profile/identity.ts";
import { createIdentity } from "../../src/profile/identity.ts";
import { DAY, limits, NOW, identity as openpgpIdentity, publicKey, sealer, suite, value } from "../openpgp/fixtures.ts";

type Name = "alice" | "bob" | "carol";

interface Player {
  readonly side: Side;
  readonly identity: LocalIdentity;
  readonly carrier: MemoryCarrier;
  readonly told: SideEvent[];
  /** What it has sent, opened again. */
  readonly sent: Envelope[];
}

interface Table {
  readonly alice: Player;
  readonly bob: Player;
  now: number;
  /** Lets a player take an envelope as if it had come in a mail. */
  give(to: Player, envelope: Envelope): Promise<void>;
  settle(): Promise<void>;
}

async function table(options: { bobTrusts?: Name; bobKey?: Uint8Array } = {}): Promise<Table> {
  const network = createMemoryNetwork();
  const clock = { now: NOW };
  let mails = 0;
  const player = async (name: "alice" | "bob", peer: "alice" | "bob", trusts: Name): Promise<Player> => {
    const identity = createIdentity(suite, systemRandom, {
      now: NOW,
      limits,
      ...(name === "bob" && options.bobKey && { longTermKey: options.bobKey }),
    });
    const carrier = network.join(peer === "alice" ? "bob" : "alice");
    carrier.setContact(peer, { openpgpKey: (await publicKey(trusts)).bytes, verified: false });
    const told: SideEvent[] = [];
    const sent: Envelope[] = [];
    const side = await createSide({
      ...{ suite, limits, random: systemRandom, clock: () => clock.now, identity, carrier, peer },
      sealer: await sealer(name),
      newId: () => `m${mails++}`,
      tell(event) {
        told.push(event);
        if (event.type === "sent") sent.push(event.envelope);
      },
    });
    carrier.subscribe((delivery) => side.take(delivery));
    return { side, identity, carrier, told, sent };
  };
  const alice = await player("alice", "bob", "bob");
  const bob = await player("bob", "alice", options.bobTrusts ?? "alice");
  return {
    alice,
    bob,
    get now() {
      return clock.now;
    },
    set now(now) {
      clock.now = now;
    },
    async give(to, envelope) {
      const [from, name] = to === bob ? (["alice", "bob"] as const) : (["bob", "alice"] as const);
      const bytes = await (await sealer(from)).seal(await publicKey(name), encodeEnvelope(envelope));
      await to.side.take({ id: "given", from: "whoever", bytes, self: false });
    },
    settle: async () => void (await network.run()),
  };
}

async function talking(): Promise<Table> {
  const both = await table();
  await both.alice.side.invite();
  await both.settle();
  await both.bob.side.accept();
  await both.settle();
  return both;
}

function refusals({ told }: Player): string[] {
  return told.flatMap((event) => (event.type === "refused" ? [event.rejection.code] : []));
}

function texts({ told }: Player): string[] {
  return told.flatMap((event) =>
    event.type === "session" && event.event.type === "message" ? [event.event.text] : [],
  );
}

describe("two sides", () => {
  it("go from invitation to close", async () => {
    const { alice, bob, settle } = await table();
    await alice.side.invite();
    expect([alice.side.state, bob.side.state]).toEqual(["inviting", "none"]);
    await settle();
    expect(bob.side.state).toBe("invited");
    await bob.side.accept();
    expect(bob.side.state).toBe("joining");
    await settle();
    expect([alice.side.state, bob.side.state]).toEqual(["active", "active"]);
    await Promise.all([alice.side.say("one"), bob.side.say("two")]);
    await settle();
    expect([texts(alice), texts(bob)]).toEqual([["two"], ["one"]]);
    await bob.side.close();
    await settle();
    expect([alice.side.state, bob.side.state]).toEqual(["closed", "closed"]);
    expect([...refusals(alice), ...refusals(bob)]).toEqual([]);
    expect(alice.sent.map(({ kind }) => kind)).toEqual(["invitation", "message", "message", "message"]);
    expect(bob.sent.map(({ kind }) => kind)).toEqual(["acceptance", "message", "message"]);
  });

  it("can start anew after a close, under another chat id", async () => {
    const { alice, bob, settle } = await talking();
    const first = alice.side.chatId;
    await alice.side.close();
    await settle();
    await bob.side.invite();
    await settle();
    await alice.side.accept();
    await settle();
    await bob.side.say("again");
    await settle();
    expect(texts(alice)).toEqual(["again"]);
    expect(alice.side.chatId).toEqual(bob.side.chatId);
    expect(alice.side.chatId).not.toEqual(first);
  });

  it("give the carrier nothing that can be opened without a key, or is signed", async () => {
    const { bob } = await talking();
    const sent = bob.told.flatMap((event) => (event.type === "sent" ? [event] : []));
    for (const { bytes, envelope } of sent) {
      const carol = await (await sealer("carol")).open(bytes);
      expect(carol).toMatchObject({ ok: false, code: "NOT_FOR_US" });
      const opened = await (await openpgpIdentity("alice")).decrypt(bytes, NOW);
      expect(opened.signed).toBe(false);
      const content = value(await (await sealer("alice")).open(bytes));
      expect(value(decodeEnvelope(content, limits))).toEqual(envelope);
    }
  });

  it("do one thing at a time", async () => {
    const { alice, bob, settle } = await talking();
    const words = ["a", "b", "c", "d"];
    await Promise.all(words.map((word) => alice.side.say(word)));
    await settle();
    expect(texts(bob)).toEqual(words);
  });

  it("refuse what the state does not allow", async () => {
    const { alice } = await table();
    for (const act of [() => alice.side.accept(), () => alice.side.say("x"), () => alice.side.close()]) {
      await expect(act()).rejects.toMatchObject({ code: "BAD_STATE" });
    }
    await alice.side.invite();
    await expect(alice.side.invite()).rejects.toMatchObject({ code: "BAD_STATE" });
  });
});

describe("a side does not believe", () => {
  it("a contact with its own OpenPGP key", async () => {
    const { alice } = await table();
    alice.carrier.setContact("bob", { openpgpKey: (await publicKey("alice")).bytes, verified: false });
    const options = { suite, limits, random: systemRandom, clock: () => NOW, identity: alice.identity, peer: "bob" };
    const made = createSide({
      ...options,
      ...{ carrier: alice.carrier, sealer: await sealer("alice"), newId: () => "m", tell: () => undefined },
    });
    await expect(made).rejects.toMatchObject({ code: "OPENPGP_KEY" });
  });

  it("an attestation by another key than the pinned one", async () => {
    const { alice, bob, settle } = await table({ bobTrusts: "carol" });
    await alice.side.invite();
    await settle();
    expect(refusals(bob)).toEqual(["BAD_ATTESTATION"]);
    expect(bob.side.state).toBe("none");
  });

  it("an invitation whose time is over", async () => {
    const both = await table();
    await both.alice.side.invite();
    both.now = NOW + 8 * DAY;
    await both.settle();
    expect(refusals(both.bob)).toEqual(["STALE"]);
    expect(both.bob.side.state).toBe("none");
  });

  it("a second invitation while there is a chat, or the same one again", async () => {
    const both = await talking();
    await both.give(both.bob, both.alice.sent[0] as Envelope);
    expect(refusals(both.bob)).toEqual(["FULL"]);
    expect(both.bob.side.state).toBe("active");
  });

  it("an acceptance of another chat, or when it did not invite", async () => {
    const both = await table();
    await both.alice.side.invite();
    await both.settle();
    await both.bob.side.accept();
    const [acceptance] = both.bob.sent as [Envelope & { kind: "acceptance" }];
    await both.give(both.alice, { ...acceptance, chatId: new Uint8Array(16) });
    await both.give(both.bob, acceptance);
    expect([refusals(both.alice), refusals(both.bob)]).toEqual([["UNEXPECTED"], ["UNEXPECTED"]]);
    expect([both.alice.side.state, both.bob.side.state]).toEqual(["inviting", "joining"]);
  });

  it("another handshake message than the attested one", async () => {
    const both = await table();
    const other = await table();
    await both.alice.side.invite();
    await other.alice.side.invite();
    const [invitation] = both.alice.sent as [Envelope & { kind: "invitation" }];
    const [foreign] = other.alice.sent as [Envelope & { kind: "invitation" }];
    await both.give(both.bob, { ...invitation, otr: foreign.otr });
    await both.give(both.bob, { ...invitation, otr: "?OTRv4? hi" });
    expect(refusals(both.bob)).toEqual(["BAD_ATTESTATION", "UNEXPECTED"]);
    expect(both.bob.side.state).toBe("none");
  });

  it("a handshake without an attestation, whichever way it comes", async () => {
    const both = await talking();
    const other = await table();
    await other.alice.side.invite();
    const { otr } = other.alice.sent[0] as Envelope & { kind: "invitation" };
    const { chatId } = both.bob.side;
    await both.give(both.bob, { kind: "message", chatId, otr });
    const half = Math.ceil(otr.length / 2);
    const tags = `00000001|${other.alice.identity.instanceTag.toString(16)}|00000000`;
    const pieces = [otr.slice(0, half), otr.slice(half)].map((piece, i) => `?OTR|${tags},${i + 1},2,${piece},`);
    for (const piece of pieces) await both.give(both.bob, { kind: "message", chatId, otr: piece });
    expect(refusals(both.bob)).toEqual(["BAD_ATTESTATION", "BAD_ATTESTATION"]);
    expect(both.bob.side.endpoint.invitations).toEqual([]);
    await both.alice.side.say("still here");
    await both.settle();
    expect(texts(both.bob)).toEqual(["still here"]);
  });

  it("notes that anybody could have made", async () => {
    const both = await talking();
    const { chatId } = both.bob.side;
    await both.give(both.bob, { kind: "withdrawal", chatId });
    await both.give(both.bob, { kind: "decline", chatId, reason: "user" });
    expect(refusals(both.bob)).toEqual(["UNEXPECTED", "UNEXPECTED"]);
    expect(both.bob.side.state).toBe("active");
  });

  it("messages of another chat, or no messages at all", async () => {
    const both = await talking();
    await both.give(both.bob, { kind: "message", chatId: new Uint8Array(16), otr: "?OTR Error: no" });
    await both.bob.side.take({ id: "x", from: "alice", bytes: utf8("hello"), self: false });
    expect(refusals(both.bob)).toEqual(["NO_KEY", "NOT_FOR_US"]);
  });
});
