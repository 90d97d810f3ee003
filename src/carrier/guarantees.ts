// Guarantees: what a secret chat can promise over a carrier, and why (spec/06, "Guarantees").
import type { CarrierCaps } from "./carrier.ts";

/** One promise, said so that a user interface can show it. */
export interface Guarantee {
  readonly holds: "yes" | "no" | "partly";
  /** Against whom it holds, and where not against everyone, against whom it does not. */
  readonly against?: string;
  readonly why: string;
}

/** What a user may rely on. */
export interface Guarantees {
  /** Past messages stay closed when a device or a key is taken later. */
  readonly forwardSecrecy: Guarantee;
  /** Future messages become closed again after a device's keys were copied once. */
  readonly healing: Guarantee;
  /** Nobody can prove what was said. */
  readonly contentDeniability: Guarantee;
  /** Nobody can prove that there was a secret chat. */
  readonly participationDeniability: Guarantee;
  /** The other side is whom the contact's OpenPGP key belongs to. */
  readonly authentication: Guarantee;
  /** No ciphertext remains outside the two devices. */
  readonly ciphertextGone: Guarantee;
}

/**
 * What holds over a carrier, as long as both sides follow the protocol and their devices keep no transcript for others.
 * Nothing here counts on a contact having been verified.
 */
export function carrierGuarantees(caps: CarrierCaps): Guarantees {
  return {
    forwardSecrecy: {
      holds: "yes",
      against: "whoever takes a device or the OpenPGP key after a message was read and its key erased",
      why:
        "Each message has a key of its own, which is erased after use. It is not secret against a future quantum " +
        "computer, and messages that a device still shows can be read on it.",
    },
    healing: {
      holds: "yes",
      against: "whoever copied a device's keys once and does not sit between the two devices afterwards",
      why: "Both sides keep mixing fresh keys in; after a message each way the copied ones are worth nothing.",
    },
    contentDeniability: contentDeniability(caps),
    participationDeniability: participationDeniability(caps),
    authentication: {
      holds: "partly",
      against: "everyone who did not replace the contact's OpenPGP key before this device first saw it",
      why: "The contact's OpenPGP key vouches for the device on the other side. Nobody has verified that key.",
    },
    ciphertextGone: ciphertextGone(caps),
  };
}

function contentDeniability({ signs, thirdPartySigns }: CarrierCaps): Guarantee {
  if (signs) {
    return {
      holds: "no",
      against: "whoever gets the signed messages",
      why: "This app signs what it sends. With the keys of the chat, the signature proves what was said.",
    };
  }
  const forged = "Messages carry no signature, and anyone can make the same ones with the keys that closing reveals.";
  switch (thirdPartySigns) {
    case "no":
      return { holds: "yes", against: "everyone, the other person included", why: forged };
    case "stripped":
      return {
        holds: "yes",
        against: "everyone but a server that kept the messages as they were before it took the signature off",
        why: `${forged} Providers sign messages on the way; that signature is removed before delivery.`,
      };
    default:
      return {
        holds: "partly",
        against: "the other person's word, but not whoever keeps the raw messages and trusts the provider that signed",
        why:
          thirdPartySigns === "yes"
            ? "A provider signs the raw messages (DKIM). Kept with the keys of the chat, they prove what was said."
            : "It is not known whether a provider signs the raw messages (DKIM), so this counts as if one did.",
      };
  }
}

function participationDeniability({ signs, thirdPartySigns }: CarrierCaps): Guarantee {
  if (signs) {
    return {
      holds: "no",
      against: "whoever gets the signed messages",
      why: "This app signs what it sends, the messages of the secret chat among them.",
    };
  }
  const logs = "Servers can still log when these two accounts wrote to each other, and how much.";
  if (thirdPartySigns === "no" || thirdPartySigns === "stripped") {
    return {
      holds: "yes",
      against:
        thirdPartySigns === "no"
          ? "the other person, and whoever is shown the messages"
          : "everyone but a server that kept the messages as they were before it took the signature off",
      why: `Either side alone could have made the whole conversation, its beginning included. ${logs}`,
    };
  }
  return {
    holds: "partly",
    against: "the other person's word, but not whoever keeps the raw messages and trusts the provider that signed",
    why: `A signature of the provider (DKIM) shows which account sent the messages of the secret chat. ${logs}`,
  };
}

function ciphertextGone({ storesCiphertext, ephemeral }: CarrierCaps): Guarantee {
  if (storesCiphertext) {
    return {
      holds: "no",
      against: "whoever keeps copies of what servers and mailboxes store",
      why: "Messages stay on servers after delivery. Opened ones are deleted, but a copy may have been kept.",
    };
  }
  return {
    holds: "partly",
    against: "servers that keep no more than they say, but not whoever records the messages on their way",
    why: ephemeral
      ? "Messages go only to devices that are connected, and are stored nowhere by this service."
      : "Messages wait for delivery and are then removed by this service.",
  };
}
