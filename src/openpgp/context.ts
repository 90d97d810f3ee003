// phi' of a chat with attestations: both OpenPGP keys and the chat id (spec/05, "Binding to the chat").

/** What phi' is made of: the sender's part, the receiver's, and what both share. */
export interface Context {
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  readonly shared: readonly Uint8Array[];
}

/**
 * The context of a secret chat.
 *
 * @param ourKeyId key version ‖ primary fingerprint of our account's OpenPGP key, 21 or 33 bytes.
 * @param theirKeyId the same of the contact's pinned key.
 * @param chatId 16 bytes, from the invitation.
 */
export function attestedContext(ourKeyId: Uint8Array, theirKeyId: Uint8Array, chatId: Uint8Array): Context {
  return { ours: ourKeyId.slice(), theirs: theirKeyId.slice(), shared: [chatId.slice()] };
}
