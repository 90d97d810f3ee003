// A secret chat inside OpenPGP messages: invitation and acceptance with attestations, then a message, over a carrier in
// this process. Keys are new ones here; an application has those of the account and its contacts.
import { generateKey } from "openpgp";
import { createMemoryNetwork } from "sottovoce/carrier";
import * as pgp from "sottovoce/openpgp";
import * as otr from "sottovoce/otr";

const { suite, systemRandom: random, defaultLimits: limits } = otr;
const clock = (): number => Date.now() / 1000;
const network = createMemoryNetwork();

async function createAccount(name: string) {
  const { privateKey } = await generateKey({
    userIDs: { name },
    type: "ecc",
    curve: "ed25519Legacy",
    format: "object",
  });
  const identity = otr.createIdentity(suite, random, { now: clock(), limits });
  const sealer = pgp.createSealer({ suite, identity: await pgp.identityFromKey(privateKey), limits, clock });
  const attestation = await sealer.attest(identity.profile, identity.longTermKey);
  return {
    name,
    identity,
    sealer,
    attestation,
    endpoint: otr.createEndpoint(identity.instanceTag),
    carrier: network.join(name),
  };
}

type Account = Awaited<ReturnType<typeof createAccount>>;

const [alice, bob] = [await createAccount("alice"), await createAccount("bob")];

/** Everything that a step needs; the context binds the handshake to both OpenPGP keys and this chat. */
function env(account: Account, peer: Account, chatId: Uint8Array): otr.Env {
  const context = pgp.attestedContext(account.sealer.ownKey.id, peer.sealer.ownKey.id, chatId);
  return { suite, random, now: clock(), limits, identity: account.identity, context };
}

/** Makes a step durable (here: keeps it), then sends what it wants to send: encrypted, not signed. */
async function perform(account: Account, peer: Account, step: otr.Step, wrap: (text: string) => pgp.Envelope) {
  account.endpoint = otr.commit(account.endpoint, step);
  for (const event of step.events) console.log(account.name, event.type, event.type === "message" ? event.text : "");
  for (const text of step.send) {
    const mail = await account.sealer.seal(peer.sealer.ownKey, pgp.encodeEnvelope(wrap(text)));
    console.log(account.name, "sends", mail.length, "bytes of OpenPGP");
    await account.carrier.send(peer.name, mail, crypto.randomUUID());
  }
}

/** Opens what arrives. A handshake counts only if its key is the one that the contact's OpenPGP key attests. */
function listen(account: Account, peer: Account): void {
  let attestedPrint = "";
  account.carrier.subscribe(async ({ bytes }) => {
    const content = await account.sealer.open(bytes);
    const envelope = content.ok ? pgp.decodeEnvelope(content.value, limits) : content;
    if (!envelope.ok || !("otr" in envelope.value)) return;
    const { chatId, otr: text } = envelope.value;
    if ("attestation" in envelope.value) {
      const attested = await account.sealer.checkAttestation(envelope.value.attestation, peer.sealer.ownKey);
      if (!attested.ok || !pgp.readAttested(attested.value, text, limits).ok) return;
      const { publicKey, forgingKey } = attested.value.profile;
      attestedPrint = otr.toHex(otr.fingerprint(suite, publicKey, forgingKey));
      console.log(account.name, "checked the attestation of", peer.name);
    }
    const here = env(account, peer, chatId);
    const step = otr.receive(account.endpoint, text, here);
    if (step.events.some((event) => claims(event) !== undefined && claims(event) !== attestedPrint)) return;
    await perform(account, peer, step, (text) => ({ kind: "message", chatId, otr: text }));
    const [invitation] = account.endpoint.invitations;
    if (invitation === undefined) return;
    // Here an application asks its user, who sees: claims to be Alice, not confirmed.
    const { attestation } = account;
    const accepted = otr.acceptInvitation(account.endpoint, invitation.id, here);
    await perform(account, peer, accepted, (otr) => ({ kind: "acceptance", chatId, attestation, otr }));
  });
}

/** Whose key a handshake is about. */
function claims(event: otr.SessionEvent): string | undefined {
  if (event.type === "invitation") return otr.toHex(event.fingerprint);
  return event.type === "established" ? otr.toHex(event.peerFingerprint) : undefined;
}

listen(alice, bob);
listen(bob, alice);

const chatId = random("id", pgp.CHAT_ID_BYTES);
const here = env(alice, bob, chatId);
const expires = BigInt(Math.floor(clock()) + limits.handshakeSeconds);
const { attestation } = alice;
await perform(alice, bob, otr.start(alice.endpoint, here), (text) => {
  return { kind: "invitation", chatId, expires, attestation, otr: text };
});
await network.run();

const session = alice.endpoint.sessions[0]?.id ?? "";
const later = (text: string): pgp.Envelope => ({ kind: "message", chatId, otr: text });
await perform(alice, bob, otr.send(alice.endpoint, session, { text: "sotto voce" }, here), later);
await network.run();
await perform(alice, bob, otr.close(alice.endpoint, session, here), later);
await network.run();
