// Context: what a chat with attestations contributes to phi, both OpenPGP keys and the chat id (spec/05, "Context").
import type { Context } from "../dake/phi.ts";

/**
 * The context of a secret chat: phi' = DATA(the sender's key id) ‖ DATA(the receiver's) ‖ DATA(chat id).
 *
 * @param ourKeyId key version ‖ primary fingerprint of our account's OpenPGP key, 21 or 33 bytes.
 * @param theirKeyId the same of the contact's pinned key.
 * @param chatId 16 bytes, from the invitation.
 */
export function attestedContext(ourKeyId: Uint8Array, theirKeyId: Uint8Array, chatId: Uint8Array): Context {
  return { ours: ourKeyId.slice(), theirs: theirKeyId.slice(), shared: [chatId.slice()] };
}
