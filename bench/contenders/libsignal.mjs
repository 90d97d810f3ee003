// Signal's own library, in Rust: `@signalapp/libsignal-client`. Its messages are bytes, and travel as such; its stores
// are maps in memory that hold what the library hands them, not serialized.
import * as signal from "@signalapp/libsignal-client";
import { eachAsync, expectText, TEXT } from "./shared.mjs";

/** @typedef {import("@signalapp/libsignal-client").ProtocolAddress} Address */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @type {() => Record<string, () => Promise<(n: number) => Promise<number>>>} */
export function measures() {
  return {
    message: async () => {
      const { alice, bob } = await sessions();
      return eachAsync(() => tell(alice, bob));
    },
    ratchet: async () => {
      let { alice: from, bob: to } = await sessions();
      return eachAsync(async () => {
        [from, to] = [to, from];
        await tell(from, to);
      });
    },
  };
}

/** Every store that the library asks for, in one; its names are the library's. */
class Store {
  sessions = new Map();
  peers = new Map();
  preKeys = new Map();
  signedPreKeys = new Map();
  kyberPreKeys = new Map();
  identity = signal.IdentityKeyPair.generate();

  getIdentityKey = () => Promise.resolve(this.identity.privateKey);
  getIdentityKeyPair = () => Promise.resolve(this.identity);
  getLocalRegistrationId = () => Promise.resolve(1);
  isTrustedIdentity = () => Promise.resolve(true);
  getIdentity = (/** @type {Address} */ name) => Promise.resolve(this.peers.get(name.toString()) ?? null);
  saveIdentity = (/** @type {Address} */ name, /** @type {signal.PublicKey} */ key) => {
    this.peers.set(name.toString(), key);
    return Promise.resolve(signal.IdentityChange.NewOrUnchanged);
  };

  getSession = (/** @type {Address} */ name) => Promise.resolve(this.sessions.get(name.toString()) ?? null);
  saveSession = (/** @type {Address} */ name, /** @type {signal.SessionRecord} */ record) => {
    this.sessions.set(name.toString(), record);
    return Promise.resolve();
  };

  getPreKey = (/** @type {number} */ id) => Promise.resolve(this.preKeys.get(id));
  getSignedPreKey = (/** @type {number} */ id) => Promise.resolve(this.signedPreKeys.get(id));
  getKyberPreKey = (/** @type {number} */ id) => Promise.resolve(this.kyberPreKeys.get(id));
  removePreKey = () => Promise.resolve();
  markKyberPreKeyUsed = () => Promise.resolve();
}

class Party {
  store = /** @type {any} */ (new Store());

  constructor(/** @type {string} */ name) {
    this.address = signal.ProtocolAddress.new(name, 1);
  }
}

/** Both have heard each other; Alice spoke last. */
async function sessions() {
  const alice = new Party("alice");
  const bob = new Party("bob");
  const bundle = publish(bob);
  await signal.processPreKeyBundle(bundle, bob.address, alice.address, alice.store, alice.store);
  await tell(alice, bob);
  await tell(bob, alice);
  await tell(alice, bob);
  return { alice, bob };
}

/** One key of each kind in the store, and the bundle that a server would hand out. */
function publish(/** @type {Party} */ { store }) {
  const { privateKey, publicKey } = store.identity;
  const [preKey, signedPreKey] = [signal.PrivateKey.generate(), signal.PrivateKey.generate()];
  const kyber = signal.KEMKeyPair.generate();
  const signature = privateKey.sign(signedPreKey.getPublicKey().serialize());
  const kyberSignature = privateKey.sign(kyber.getPublicKey().serialize());
  const now = Date.now();
  store.preKeys.set(1, signal.PreKeyRecord.new(1, preKey.getPublicKey(), preKey));
  store.signedPreKeys.set(
    1,
    signal.SignedPreKeyRecord.new(1, now, signedPreKey.getPublicKey(), signedPreKey, signature),
  );
  store.kyberPreKeys.set(1, signal.KyberPreKeyRecord.new(1, now, kyber, kyberSignature));
  return signal.PreKeyBundle.new(
    ...[1, 1, 1, preKey.getPublicKey(), 1, signedPreKey.getPublicKey(), signature, publicKey],
    ...[1, kyber.getPublicKey(), kyberSignature],
  );
}

/**
 * @param {Party} from
 * @param {Party} to
 */
async function tell({ store, address }, to) {
  const sealed = await signal.signalEncrypt(encoder.encode(TEXT), to.address, address, store, store);
  const bytes = sealed.serialize();
  expectText(decoder.decode(await open(to, address, sealed.type(), bytes)));
}

/** @type {(to: Party, from: Address, type: number, bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} */
function open({ store, address }, from, type, bytes) {
  if (type === signal.CiphertextMessageType.PreKey) {
    const message = signal.PreKeySignalMessage.deserialize(bytes);
    return signal.signalDecryptPreKey(message, from, address, store, store, store, store, store);
  }
  return signal.signalDecrypt(signal.SignalMessage.deserialize(bytes), from, address, store, store);
}
