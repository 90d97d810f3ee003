// Endpoints in every state there is.
import type { Endpoint } from "../../src/session/types.ts";
import { carry, friends, only, type Player, strangers, tell } from "../support/players.ts";

/** Each with what it holds. None of them is used up. */
export function states(): [string, Endpoint][] {
  return [
    ["nothing", strangers()[0].endpoint],
    ["an offer", offering().endpoint],
    ["an invitation", invited().endpoint],
    ["an answer and early data", answering().endpoint],
    ["a conversation it began", friends()[0].endpoint],
    ["a conversation it answered", friends()[1].endpoint],
    ["skipped messages and keys to reveal", skipping().endpoint],
    ["a conversation before the current one", renewing().endpoint],
    ["two conversations that were begun at once", contested().endpoint],
    ["a conversation that the peer has closed", draining().endpoint],
    ["fragments", collecting().endpoint],
  ];
}

function offering(): Player {
  const [alice] = strangers({ shared: [new Uint8Array(16).fill(1), new Uint8Array(0)] });
  alice.start();
  return alice;
}

function invited(): Player {
  const [bob, alice] = strangers({}, [{}, { policy: { answer: "ask", maxMessageChars: 1000 } }]);
  alice.receive(bob.start());
  return alice;
}

function answering(): Player {
  const [bob, alice] = strangers();
  const [authR] = alice.receive(bob.start()).send;
  bob.receive(authR as string);
  alice.receive(bob.say("early"));
  return alice;
}

function skipping(): Player {
  const [alice, bob] = friends({ limits: { revealedPerMessage: 2 } });
  const texts = ["0", "1", "2", "3", "4", "5"].map((text) => alice.say(text));
  for (const i of [2, 5, 3]) bob.receive(texts[i] as string);
  bob.say("reveals two of them");
  return bob;
}

function renewing(): Player {
  const [alice, bob] = friends();
  tell(alice, bob, "old");
  tell(bob, alice, "old");
  carry(alice, bob, [alice.start(bob.tag)]);
  return bob;
}

function contested(): Player {
  const [alice, bob] = friends();
  const [answer] = bob.receive(alice.start(bob.tag)).send;
  const identity = bob.start(alice.tag);
  const conclusion = alice.receive(answer as string).send;
  for (const text of alice.receive(identity).send.slice(0, 1)) bob.receive(text);
  for (const text of conclusion) bob.receive(text);
  if (!bob.session.others.some(({ rival }) => rival)) throw new Error("no rival");
  return bob;
}

function draining(): Player {
  const [alice, bob] = friends();
  alice.say("lost");
  tell(alice, bob, "read");
  bob.receive(only(alice.close().send));
  return bob;
}

function collecting(): Player {
  const [alice, bob] = friends();
  const tag = alice.tag.toString(16);
  for (const piece of [`?OTR|1|${tag}|0,3,4,grüße,`, `?OTR|1|${tag}|0,1,4,x,`, `?OTR|ffffffff|${tag}|0,1,2,y,`]) {
    bob.receive(piece);
  }
  return bob;
}
