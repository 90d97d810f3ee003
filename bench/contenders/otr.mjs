// OTRv3 in JavaScript: npm's `otr`. Its timers, which delay every message by a millisecond, are taken out: what is
// left is what it computes.
import otr from "otr";
import { each, expectText, TEXT } from "./shared.mjs";

const { DSA, OTR } = otr;

/** @type {() => Record<string, () => (n: number) => number>} */
export function measures() {
  const keys = [new DSA(), new DSA()];
  return {
    handshake: () => each(() => void shakeHands(keys)),
    message: () => {
      const { alice, bob } = shakeHands(keys);
      // Both have rotated to the newest keys before, so that no further message turns anything.
      for (let i = 0; i < 4; i++) [tell(alice, bob), tell(bob, alice)];
      tell(alice, bob);
      return each(() => expectText(tell(alice, bob)));
    },
    ratchet: () => {
      const { alice, bob } = shakeHands(keys);
      let [from, to] = [alice, bob];
      return each(() => {
        expectText(tell(from, to));
        [from, to] = [to, from];
      });
    },
  };
}

class Party {
  /** @type {string[]} */
  outbox = [];
  /** @type {string | undefined} */
  read;

  /** @param {unknown} priv */
  constructor(priv) {
    this.otr = new OTR({ priv });
    this.otr.ALLOW_V2 = false;
    this.otr.REQUIRE_ENCRYPTION = true;
    this.otr.io = (/** @type {string | string[]} */ message) => void this.outbox.push(...[message].flat());
    this.otr.on("ui", (/** @type {string} */ text) => {
      this.read = text;
    });
    this.otr.on("error", (/** @type {string} */ why, /** @type {string} */ severity) => {
      throw new Error(`otr: ${severity}: ${why}`);
    });
  }
}

/** @param {unknown[]} keys */
function shakeHands([a, b]) {
  const [alice, bob] = [new Party(a), new Party(b)];
  alice.otr.sendQueryMsg();
  exchange(alice, bob);
  if (alice.otr.msgstate !== 1 || bob.otr.msgstate !== 1) throw new Error("otr: no conversation.");
  return { alice, bob };
}

/** Delivers until nobody has anything to say. */
function exchange(/** @type {Party} */ alice, /** @type {Party} */ bob) {
  while (alice.outbox.length + bob.outbox.length > 0) {
    for (const message of alice.outbox.splice(0)) bob.otr.receiveMsg(message);
    for (const message of bob.outbox.splice(0)) alice.otr.receiveMsg(message);
  }
}

function tell(/** @type {Party} */ from, /** @type {Party} */ to) {
  to.read = undefined;
  from.otr.sendMsg(TEXT);
  exchange(from, to);
  return to.read;
}
