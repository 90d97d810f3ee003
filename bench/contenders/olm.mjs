// Olm, the double ratchet of Matrix in C, compiled to WebAssembly: `@matrix-org/olm`. Strings in, base64 out.
import Olm from "@matrix-org/olm";
import { each, expectText, TEXT } from "./shared.mjs";

/** @type {() => Promise<Record<string, () => (n: number) => number>>} */
export async function measures() {
  await Olm.init();
  return {
    message: () => {
      const { alice, bob } = sessions();
      return each(() => tell(alice, bob));
    },
    ratchet: () => {
      let { alice: from, bob: to } = sessions();
      return each(() => {
        [from, to] = [to, from];
        tell(from, to);
      });
    },
  };
}

/** Both have heard each other; Alice spoke last. */
function sessions() {
  const [aliceAccount, bobAccount] = [new Olm.Account(), new Olm.Account()];
  aliceAccount.create();
  bobAccount.create();
  bobAccount.generate_one_time_keys(1);
  const [oneTimeKey] = Object.values(JSON.parse(bobAccount.one_time_keys()).curve25519);
  const alice = new Olm.Session();
  alice.create_outbound(aliceAccount, JSON.parse(bobAccount.identity_keys()).curve25519, String(oneTimeKey));
  const first = alice.encrypt(TEXT);
  const bob = new Olm.Session();
  bob.create_inbound(bobAccount, first.body);
  expectText(bob.decrypt(first.type, first.body));
  tell(bob, alice);
  tell(alice, bob);
  return { alice, bob };
}

/**
 * @param {Olm.Session} from
 * @param {Olm.Session} to
 */
function tell(from, to) {
  const { type, body } = from.encrypt(TEXT);
  expectText(to.decrypt(type, body));
}
