// One side of a secret chat: what it believes, and what it does not.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import { createMemoryNetwork, type MemoryCarrier } from "../../src/carrier/memory.ts";
import { createSide, type Side, type SideEvent } from "../../src/cli/side.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { attestedContext } from "../../src/openpgp/context.ts";
import { decodeEnvelope, type Envelope, encodeEnvelope } from "../../src/openpgp/envelope.ts";
import { createIdentity, type LocalIdentity } from "../../src/profile/identity.ts";
import { createEndpoint, start } from "../../src/session/actions.ts";
import { armor } from "../../src/wire/armor.ts";
import { encodeAuthIMessage } from "../../src/wire/auth-i-message.ts";
import { fragmentMessage } from "../../src/wire/fragment.ts";
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
  give(to: Player, envelope: Envelope): ReturnType<Side["take"]>;
  settle(): Promise<void>;
}

async function table(options: { bobTrusts?: Name; costlyFailuresPerMinute?: number } = {}): Promise<Table> {
  const { bobTrusts = "alice", ...tighter } = options;
  const network = createMemoryNetwork();
  const clock = { now: NOW };
  let mails = 0;
  const player = async (name: "alice" | "bob", peer: "alice" | "bob", trusts: Name): Promise<Player> => {
    const identity = createIdentity(suite, systemRandom, { now: NOW, limits });
    const carrier = network.join(peer === "alice" ? "bob" : "alice");
    carrier.setContact(peer, { openpgpKey: (await publicKey(trusts)).bytes, verified: false });
    const told: SideEvent[] = [];
    const sent: Envelope[] = [];
    const side = await createSide({
      ...{ suite, random: systemRandom, clock: () => clock.now, identity, carrier, peer },
      limits: { ...limits, ...tighter },
      sealer: await sealer(name),
      newId: () => `m${mails++}`,
      tell(event) {
        told.push(event);
        if (event.type === "sent") sent.push(event.envelope);
      },
    });
    carrier.subscribe(async (delivery) => void (await side.take(delivery)));
    return { side, identity, carrier, told, sent };
  };
  const alice = await player("alice", "bob", "bob");
  const bob = await player("bob", "alice", bobTrusts);
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
      return await to.side.take({ id: "given", from: "whoever", bytes, self: false });
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

/** Bob has accepted, and Alice's Auth-I is under way. */
async function joining(both: Table): Promise<Envelope & { kind: "message" }> {
  await both.alice.side.invite();
  await both.settle();
  await both.bob.side.accept();
  const [acceptance] = both.bob.sent as [Envelope];
  await both.give(both.alice, acceptance);
  return both.alice.sent[1] as Envelope & { kind: "message" };
}

/** The Identity that anybody can make who has seen one: the profile in it, and fresh keys. */
async function forgedIdentity(identity: LocalIdentity, chatId: Uint8Array): Promise<string> {
  const keyIds = await Promise.all([publicKey("alice"), publicKey("bob")]);
  const context = attestedContext(keyIds[0].id, keyIds[1].id, chatId);
  const env = { suite, random: systemRandom, now: NOW, limits, identity, context };
  return start(createEndpoint(identity.instanceTag), env).send[0] as string;
}

/** An invitation that anybody can make who has seen one. */
async function forgedInvitation(both: Table, first: number, more: object = {}): Promise<Envelope> {
  const seen = both.alice.sent.find(({ kind }) => kind === "invitation") as Envelope & { kind: "invitation" };
  const chatId = new Uint8Array(16).fill(first);
  return { ...seen, chatId, otr: await forgedIdentity(both.alice.identity, chatId), ...more };
}

function inPieces(otr: string, { alice, bob }: Table, identifier: number): string[] {
  const chars = Math.ceil(otr.length / 2) + 60;
  return fragmentMessage(otr, chars, identifier, alice.identity.instanceTag, bob.identity.instanceTag);
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

/** Alice has closed, and the first of her two messages has not come yet. */
async function drained(): Promise<{ both: Table; late: Envelope & { kind: "message" } }> {
  const both = await talking();
  await both.alice.side.say("one");
  await both.alice.side.say("two");
  await both.alice.side.close();
  const [late, ...others] = both.alice.sent.slice(-3) as (Envelope & { kind: "message" })[];
  for (const envelope of others) await both.give(both.bob, envelope);
  expect(both.bob.side.state).toBe("closed");
  return { both, late: late as Envelope & { kind: "message" } };
}

describe("closing", () => {
  it.each(["inviting", "invited", "joining"])("gives up a chat that is %s", async (state) => {
    const both = await table();
    const authI = await joining(both);
    if (state !== "joining") await both.bob.side.close();
    if (state === "inviting") await both.bob.side.invite();
    if (state === "invited") await both.give(both.bob, await forgedInvitation(both, 1));
    expect(both.bob.side.state).toBe(state);
    await both.bob.side.close();
    await both.give(both.bob, authI);
    expect(both.bob.side.state).toBe("closed");
    await expect(both.bob.side.close()).rejects.toMatchObject({ code: "BAD_STATE" });
    await both.bob.side.invite();
    expect(both.bob.side.state).toBe("inviting");
  });
});

describe("a side that was made to fail too often", () => {
  const tired = async (): Promise<{ both: Table; authI: Envelope & { kind: "message" } }> => {
    const both = await table({ costlyFailuresPerMinute: 2 });
    const authI = await joining(both);
    const tags = { senderTag: both.alice.identity.instanceTag, receiverTag: both.bob.identity.instanceTag };
    const forged = armor(encodeAuthIMessage({ ...tags, ringSignature: new Uint8Array(342) }));
    for (const _ of [1, 2]) expect(await both.give(both.bob, { ...authI, otr: forged })).toBe("done");
    return { both, authI };
  };

  it("asks for what it did not look at once more", async () => {
    const { both, authI } = await tired();
    expect(await both.give(both.bob, authI)).toBe("later");
    expect([refusals(both.bob), both.bob.side.state]).toEqual([["RATE_LIMITED"], "joining"]);
    both.now += 60;
    expect(await both.give(both.bob, authI)).toBe("done");
    expect(both.bob.side.state).toBe("active");
    await both.alice.side.say("there you are");
    await both.settle();
    expect(texts(both.bob)).toEqual(["there you are"]);
  });

  it("keeps the fragments that came before", async () => {
    const { both, authI } = await tired();
    const [first, second] = inPieces(authI.otr, both, 1) as [string, string];
    expect(await both.give(both.bob, { ...authI, otr: first })).toBe("done");
    expect(await both.give(both.bob, { ...authI, otr: second })).toBe("later");
    both.now += 60;
    expect(await both.give(both.bob, { ...authI, otr: second })).toBe("done");
    expect(both.bob.side.state).toBe("active");
  });

  it("asks for invitations once more as well, and is not invited meanwhile", async () => {
    const { both } = await tired();
    await both.bob.side.close();
    const invitation = await forgedInvitation(both, 1);
    expect(await both.give(both.bob, invitation)).toBe("later");
    expect(both.bob.side.state).toBe("closed");
    both.now += 60;
    expect(await both.give(both.bob, invitation)).toBe("done");
    expect(both.bob.side.state).toBe("invited");
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
    const { chatId, endpoint } = both.bob.side;
    await both.give(both.bob, both.alice.sent[0] as Envelope);
    await both.give(both.bob, await forgedInvitation(both, 1));
    expect(refusals(both.bob)).toEqual(["DUPLICATE", "FULL"]);
    expect(both.bob.side).toMatchObject({ state: "active", chatId });
    expect(both.bob.side.endpoint).toBe(endpoint);
  });

  it("an invitation once more after the chat was closed, for as long as it could be accepted", async () => {
    const both = await talking();
    const invitation = both.alice.sent[0] as Envelope;
    await both.bob.side.close();
    await both.give(both.bob, invitation);
    expect([both.bob.side.state, refusals(both.bob)]).toEqual(["closed", ["DUPLICATE"]]);
    await both.settle();
    await both.alice.side.invite();
    await both.settle();
    await both.bob.side.close();
    await both.give(both.bob, invitation);
    both.now += 7 * DAY;
    await both.give(both.bob, invitation);
    expect([both.bob.side.state, refusals(both.bob)]).toEqual(["closed", ["DUPLICATE", "DUPLICATE", "STALE"]]);
    // The last chat keeps its id to itself for longer than that.
    const { chatId } = both.bob.side;
    await both.give(both.bob, await forgedInvitation(both, 0, { chatId, expires: BigInt(both.now + DAY) }));
    expect([both.bob.side.state, refusals(both.bob).at(-1)]).toEqual(["closed", "DUPLICATE"]);
  });

  it("an invitation that the endpoint refuses: what is left of the chat before stays", async () => {
    const { both, late } = await drained();
    const { chatId, endpoint } = both.bob.side;
    // The profile is the attested one, but the first DH key, at the end, is none.
    const invitation = (await forgedInvitation(both, 1)) as Envelope & { kind: "invitation" };
    const bytes = new Uint8Array(Buffer.from(invitation.otr.slice(5, -1), "base64"));
    bytes.fill(0xff, bytes.length - 384);
    await both.give(both.bob, { ...invitation, otr: armor(bytes) });
    expect(refusals(both.bob)).toEqual(["BAD_DH_KEY"]);
    expect(both.bob.side).toMatchObject({ state: "closed", chatId });
    expect(both.bob.side.endpoint).toBe(endpoint);
    await both.give(both.bob, late);
    expect(texts(both.bob)).toEqual(["two", "one"]);
  });

  it("that an invitation, which anybody can make, ends what is left of the chat before", async () => {
    const { both, late } = await drained();
    const sent = both.bob.sent.length;
    await both.give(both.bob, await forgedInvitation(both, 1));
    expect(both.bob.side.state).toBe("invited");
    await both.give(both.bob, late);
    expect(texts(both.bob)).toEqual(["two", "one"]);
    expect(both.bob.side.state).toBe("invited");
    // Nothing left to wait for: MAC keys revealed, in the chat they belong to.
    expect(both.bob.sent.slice(sent)).toMatchObject([{ kind: "message", chatId: late.chatId }]);
    await both.bob.side.accept();
    expect([refusals(both.bob), both.bob.side.state]).toEqual([[], "joining"]);
  });

  it("that an invitation still counts when its time is over: not accepted, and in nobody's way", async () => {
    const both = await table();
    await both.alice.side.invite();
    await both.settle();
    both.now = NOW + 7 * DAY;
    await expect(both.bob.side.accept()).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect([both.bob.side.state, both.bob.sent]).toEqual(["invited", []]);
    await both.give(both.bob, await forgedInvitation(both, 1, { expires: BigInt(both.now + DAY) }));
    expect([both.bob.side.state, both.bob.side.chatId]).toEqual(["invited", new Uint8Array(16).fill(1)]);
    await both.bob.side.accept();
    expect(both.bob.side.state).toBe("joining");
  });

  it("that it has answered what cannot be answered any more", async () => {
    const both = await table();
    const identity = createIdentity(suite, systemRandom, { now: NOW, limits: { profileSeconds: DAY } });
    const attestation = await (await sealer("alice")).attest(identity.profile, identity.longTermKey);
    const chatId = new Uint8Array(16).fill(1);
    const otr = await forgedIdentity(identity, chatId);
    await both.give(both.bob, { kind: "invitation", chatId, expires: BigInt(NOW + 7 * DAY), attestation, otr });
    both.now = NOW + 2 * DAY;
    await both.bob.side.accept();
    expect([both.bob.side.state, both.bob.sent]).toEqual(["invited", []]);
  });

  it("an attestation that is older than another one of the same device", async () => {
    const both = await table();
    await both.alice.side.invite();
    const { profile, longTermKey } = both.alice.identity;
    const attestation = await (await sealer("alice", NOW + 60)).attest(profile, longTermKey);
    await both.give(both.bob, await forgedInvitation(both, 1, { attestation }));
    expect(both.bob.side.state).toBe("invited");
    await both.bob.side.close();
    await both.settle();
    expect([both.bob.side.state, refusals(both.bob)]).toEqual(["closed", ["BAD_ATTESTATION"]]);
    await both.give(both.bob, await forgedInvitation(both, 2, { attestation }));
    expect(both.bob.side.state).toBe("invited");
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
    expect(refusals(both.bob)).toEqual(["UNEXPECTED", "UNEXPECTED"]);
    expect(both.bob.side.endpoint.invitations).toEqual([]);
    await both.alice.side.say("still here");
    await both.settle();
    expect(texts(both.bob)).toEqual(["still here"]);
  });

  it("an Identity with the attested profile in an ordinary message", async () => {
    const both = await talking();
    const { chatId } = both.bob.side;
    const otr = await forgedIdentity(both.alice.identity, chatId);
    await both.give(both.bob, { kind: "message", chatId, otr });
    for (const piece of inPieces(otr, both, 7)) await both.give(both.bob, { kind: "message", chatId, otr: piece });
    expect(refusals(both.bob)).toEqual(["UNEXPECTED", "UNEXPECTED"]);
    expect([both.bob.side.state, both.bob.side.endpoint.invitations]).toEqual(["active", []]);
    await both.bob.side.say("still here");
    await both.bob.side.close();
    await both.give(both.bob, { kind: "message", chatId, otr });
    expect(both.bob.side.state).toBe("closed");
    await both.settle();
    expect([texts(both.alice), both.alice.side.state]).toEqual([["still here"], "closed"]);
  });

  it("an Identity that it has answered, in an ordinary message: it does not answer once more", async () => {
    const both = await table();
    await joining(both);
    const { chatId, otr } = both.alice.sent[0] as Envelope & { kind: "invitation" };
    for (const text of [otr, ...inPieces(otr, both, 7)]) {
      await both.give(both.bob, { kind: "message", chatId, otr: text });
    }
    expect([refusals(both.bob), both.bob.sent.length]).toEqual([["UNEXPECTED", "UNEXPECTED"], 1]);
  });

  it("an Auth-R in an ordinary message", async () => {
    const both = await table();
    await both.alice.side.invite();
    await both.settle();
    await both.bob.side.accept();
    const { chatId, otr } = both.bob.sent[0] as Envelope & { kind: "acceptance" };
    await both.give(both.alice, { kind: "message", chatId, otr });
    expect([refusals(both.alice), both.alice.side.state]).toEqual([["UNEXPECTED"], "inviting"]);
    await both.settle();
    expect([both.alice.side.state, both.bob.side.state]).toEqual(["active", "active"]);
  });

  it("messages before there is a handshake, and answers none of them", async () => {
    const both = await table();
    const other = await talking();
    await other.alice.side.say("hello");
    const { otr } = other.alice.sent.at(-1) as Envelope & { kind: "message" };
    const give = (to: Player): ReturnType<Side["take"]> =>
      both.give(to, { kind: "message", chatId: both.alice.side.chatId, otr });
    await both.alice.side.invite();
    await give(both.bob);
    await both.settle();
    await give(both.bob);
    await give(both.alice);
    expect([refusals(both.bob), refusals(both.alice)]).toEqual([["NO_KEY", "UNEXPECTED"], ["UNEXPECTED"]]);
    expect([both.bob.side.state, both.alice.side.state]).toEqual(["invited", "inviting"]);
    expect([both.bob.sent.length, both.alice.sent.length]).toEqual([0, 1]);
  });

  it("a query in a message", async () => {
    const both = await talking();
    await both.give(both.bob, { kind: "message", chatId: both.bob.side.chatId, otr: "?OTRv4? hi" });
    expect([refusals(both.bob), both.bob.side.state]).toEqual([["UNEXPECTED"], "active"]);
  });

  it("notes that anybody could have made", async () => {
    const both = await talking();
    const { chatId } = both.bob.side;
    await both.give(both.bob, { kind: "withdrawal", chatId });
    await both.give(both.bob, { kind: "decline", chatId, reason: "user" });
    await both.give(both.bob, { kind: "elsewhere", chatId, instanceTag: 0x100, proof: new Uint8Array(1) });
    expect(refusals(both.bob)).toEqual(["UNEXPECTED", "UNEXPECTED", "UNEXPECTED"]);
    expect(both.bob.side.state).toBe("active");
    await both.bob.side.close();
    await both.settle();
    await both.alice.side.invite();
    await both.give(both.alice, { kind: "decline", chatId: both.alice.side.chatId, reason: "user" });
    expect([refusals(both.alice), both.alice.side.state]).toEqual([["UNEXPECTED"], "inviting"]);
  });

  it("messages of another chat, or no messages at all", async () => {
    const both = await talking();
    await both.give(both.bob, { kind: "message", chatId: new Uint8Array(16), otr: "?OTR Error: no" });
    await both.bob.side.take({ id: "x", from: "alice", bytes: utf8("hello"), self: false });
    expect(refusals(both.bob)).toEqual(["NO_KEY", "NOT_FOR_US"]);
  });
});
