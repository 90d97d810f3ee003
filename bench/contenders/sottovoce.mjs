// Ours, on the suite that the contender's id names. Only that suite is loaded, as in an application.
import { readFileSync } from "node:fs";
import { generateDh, generateEcdh } from "../../dist/crypto/keys.js";
import { decodeEnvelope, encodeEnvelope } from "../../dist/openpgp/envelope.js";
import { createSealer, identityFromKey } from "../../dist/openpgp/index.js";
import { decodeEndpoint, defaultLimits, encodeEndpoint, receive, send, systemRandom } from "../../dist/otr.js";
import { validateClientProfile } from "../../dist/profile/client.js";
import { makeEnvs, makeIdentity, messageIn, NOW, Scene, shakeHands, tell } from "./parties.mjs";
import { each, eachAsync, expectText, inRuns, StopWatch, TEXT } from "./shared.mjs";

/** Messages in one ratchet before a fresh copy of the scene is taken. */
const RUN = 100;

/**
 * @typedef {import("../../dist/otr.js").Suite} Suite
 * @typedef {import("./parties.mjs").Party} Party
 * @typedef {(n: number) => number | Promise<number>} Batch Does `n` operations; the microseconds they took.
 */

/** @type {(name: string) => Promise<Record<string, () => Batch | Promise<Batch>>>} */
export async function measures(name) {
  /** @type {{ suite: Suite }} */
  const { suite } = await import(`../../dist/crypto/${name}.js`);
  const envs = makeEnvs(suite);
  const { plain, withDh } = scenes(envs);
  return {
    handshake: () => each(() => void shakeHands(envs)),
    message: () => (n) => inRuns(n, RUN, messages(plain, 1)),
    "message-dh": () => (n) => inRuns(n, RUN, messages(withDh, 0)),
    "message-pure": () => (n) => inRuns(n, RUN, pureMessages(plain, 1)),
    "message-dh-pure": () => (n) => inRuns(n, RUN, pureMessages(withDh, 0)),
    "message-after-900": () => {
      const { speaker, listener } = plain.play();
      for (let i = 0; i < 900; i++) tell(speaker, listener);
      const later = new Scene(speaker, listener);
      return (n) => inRuns(n, RUN, messages(later, 1));
    },
    ratchet: () => ratchetSteps(plain, (number) => number % 3 !== 0),
    "ratchet-dh": () => ratchetSteps(plain, (number) => number % 3 === 0),
    gap: () => (n) => inRuns(n, 1, (_, watch) => outOfOrder(plain, watch, undefined)),
    late: () => (n) => inRuns(n, RUN, (count, watch) => outOfOrder(plain, undefined, watch, count)),
    fragments: () => fragmented(envs),
    profile: () => {
      const profiles = Array.from({ length: 8 }, (_, i) => makeIdentity(suite, 0x200 + i).profile);
      return each((i) => {
        const profile = profiles[i % profiles.length];
        const { ok } = validateClientProfile(suite, profile, { now: NOW, senderTag: profile.instanceTag });
        if (!ok) throw new Error("A valid profile was refused.");
      });
    },
    point: () => {
      const points = Array.from({ length: 64 }, () => generateEcdh(suite, systemRandom).public);
      return each((i) => expectValid(suite.group.isValid(points[i % points.length])));
    },
    dh: () => {
      const keys = Array.from({ length: 16 }, () => generateDh(suite, systemRandom).public);
      return each((i) => expectValid(suite.dh.isValid(keys[i % keys.length])));
    },
    encode: () => {
      const { endpoint } = plain.play().listener;
      return each(() => void encodeEndpoint(endpoint));
    },
    decode: () => {
      const stored = plain.play().listener.stored();
      return each(() => void decodeEndpoint(stored));
    },
    ...(await openpgp(suite, plain)),
  };
}

/** @param {ReturnType<typeof makeEnvs>} envs */
function scenes(envs) {
  const { alice, bob } = shakeHands(envs);
  expectText(tell(alice, bob));
  const withDh = new Scene(alice, bob); // ratchet 0: every message carries Alice's DH key
  expectText(tell(bob, alice));
  const plain = new Scene(bob, alice); // ratchet 1
  return { withDh, plain };
}

/** @type {(scene: Scene, ratchet: number) => (count: number, watch: StopWatch) => void} */
function messages(scene, ratchet) {
  return (count, watch) => {
    const { speaker, listener } = scene.play();
    let last;
    watch.start();
    for (let i = 0; i < count; i++) {
      last = messageIn(listener.hear(speaker.say()[0]));
      expectText(last.text);
    }
    watch.stop();
    if (last?.ratchetId !== ratchet) throw new Error("The ratchet turned.");
  };
}

/** @type {(scene: Scene, ratchet: number) => (count: number, watch: StopWatch) => void} */
function pureMessages(scene, ratchet) {
  return (count, watch) => {
    const { speaker, listener } = scene.play();
    const { id } = speaker.session;
    let from = speaker.endpoint;
    let to = listener.endpoint;
    let last;
    watch.start();
    for (let i = 0; i < count; i++) {
      const said = send(from, id, { text: TEXT }, speaker.env);
      const heard = receive(to, said.send[0], listener.env);
      from = said.endpoint;
      to = heard.endpoint;
      last = messageIn(heard);
      expectText(last.text);
    }
    watch.stop();
    if (last?.ratchetId !== ratchet) throw new Error("The ratchet turned.");
  };
}

/**
 * A conversation of alternating messages, of which those count whose ratchet is wanted. Alice's ratchets are the even
 * ones; every third brings a DH exchange.
 *
 * @param {Scene} scene
 * @param {(number: number) => boolean} wanted
 * @returns {Batch}
 */
function ratchetSteps(scene, wanted) {
  let { speaker: from, listener: to } = scene.play();
  let number = 1;
  return (n) => {
    const watch = new StopWatch();
    const unwatched = new StopWatch();
    for (let done = 0; done < n; ) {
      [from, to] = [to, from];
      number++;
      const timed = wanted(number);
      (timed ? watch : unwatched).start();
      const heard = messageIn(to.hear(from.say()[0]));
      (timed ? watch : unwatched).stop();
      expectText(heard.text);
      if (heard.ratchetId !== number) throw new Error("The ratchet did not turn.");
      if (timed) done++;
    }
    return watch.total;
  };
}

/**
 * 101 messages of which the last comes first, then up to `late` of the others, newest first.
 *
 * @param {Scene} scene
 * @param {StopWatch} [first]
 * @param {StopWatch} [others]
 */
function outOfOrder(scene, first, others, late = 0) {
  const { speaker, listener } = scene.play();
  const sent = Array.from({ length: RUN + 1 }, () => speaker.say()[0]).reverse();
  first?.start();
  expectText(messageIn(listener.hear(sent[0])).text);
  first?.stop();
  others?.start();
  for (let i = 1; i <= late; i++) expectText(messageIn(listener.hear(sent[i])).text);
  others?.stop();
}

/** @type {(envs: ReturnType<typeof makeEnvs>) => Batch} */
function fragmented(envs) {
  const { alice, bob } = shakeHands(envs, { maxMessageChars: 1000 });
  const text = TEXT.repeat(100);
  tell(alice, bob);
  const scene = new Scene(alice, bob);
  return (n) =>
    inRuns(n, RUN, (count, watch) => {
      const { speaker, listener } = scene.play();
      watch.start();
      for (let i = 0; i < count; i++) {
        if (tell(speaker, listener, text) !== text) throw new Error("Not what was sent.");
      }
      watch.stop();
    });
}

/** @param {boolean} valid */
function expectValid(valid) {
  if (!valid) throw new Error("A valid key was refused.");
}

/** @type {(suite: Suite, scene: Scene) => Promise<Record<string, () => Batch | Promise<Batch>>>} */
async function openpgp(suite, scene) {
  const file = new URL("../../vectors/openpgp-keys.json", import.meta.url);
  const { keys } = JSON.parse(readFileSync(file, "utf8"));
  const sealerOf = async (/** @type {string} */ name) => {
    const identity = await identityFromKey(keys[name].privateKey);
    return createSealer({ suite, identity, limits: defaultLimits, clock: () => NOW });
  };
  const [alice, bob] = [await sealerOf("alice"), await sealerOf("bob")];
  const device = makeIdentity(suite, 0x300);
  const envelope = /** @type {const} */ ({
    kind: "message",
    chatId: new Uint8Array(16),
    otr: scene.play().speaker.say()[0],
  });
  const seal = () => alice.seal(bob.ownKey, encodeEnvelope(envelope));
  return {
    seal: () =>
      eachAsync(async () => {
        await seal();
      }),
    open: async () => {
      const sealed = await Promise.all(Array.from({ length: 8 }, seal));
      return eachAsync(async (i) => {
        const opened = await bob.open(sealed[i % sealed.length]);
        const decoded = opened.ok ? decodeEnvelope(opened.value, defaultLimits) : opened;
        const otr = decoded.ok && decoded.value.kind === "message" ? decoded.value.otr : undefined;
        if (otr !== envelope.otr) throw new Error("Not what was sealed.");
      });
    },
    attestation: async () => {
      const attestation = await alice.attest(device.profile, device.longTermKey);
      return eachAsync(async () => {
        const checked = await bob.checkAttestation(attestation, alice.ownKey);
        if (!checked.ok) throw new Error(checked.why);
      });
    },
  };
}
