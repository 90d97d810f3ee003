// Contacts: the address book of carriers that have no host behind them (spec/06, "Interface").
import { SottovoceError } from "../errors.ts";
import type { Carrier, Contact, PeerId } from "./carrier.ts";

/** The part of a carrier that answers for contacts, and how to fill it. */
export interface Contacts extends Pick<Carrier, "contact" | "onContactChange"> {
  /** Sets what is known of a contact, and tells who listens. */
  setContact(peer: PeerId, contact: Contact): void;
}

/** An empty address book, kept in memory. */
export function createContacts(): Contacts {
  const contacts = new Map<PeerId, Contact>();
  const listeners = new Set<(peer: PeerId) => void>();
  return {
    contact(peer) {
      const contact = contacts.get(peer);
      if (contact !== undefined) return Promise.resolve(contact);
      const message = "No such contact on this device; set it before starting a chat with it.";
      return Promise.reject(new SottovoceError("NOT_FOUND", message));
    },
    setContact(peer, contact) {
      contacts.set(peer, contact);
      for (const listener of listeners) listener(peer);
    },
    onContactChange(handler) {
      listeners.add(handler);
      return () => listeners.delete(handler);
    },
  };
}
