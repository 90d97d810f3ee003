// Messages: one decoder for every OTRv4 message (spec/03, "Messages"; draft "Encoded Messages").
import type { Result } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { type AuthIMessage, readAuthIMessage } from "./auth-i-message.ts";
import { type AuthRMessage, readAuthRMessage } from "./auth-r-message.ts";
import { type DataMessage, readDataMessage } from "./data-message.ts";
import { messageType, readHeader } from "./header.ts";
import { type IdentityMessage, readIdentityMessage } from "./identity-message.ts";
import { decoding, refuse } from "./reader.ts";

export { type Header, isInstanceTag, messageType, peekHeader } from "./header.ts";

export type Message = IdentityMessage | AuthRMessage | AuthIMessage | DataMessage;

/**
 * Decodes the bytes inside the armor. Byte strings in the result are views into `bytes`, which must not change
 * afterwards; copy what is to outlive the message, or it keeps all of it in memory and takes all of it along in a
 * structured clone. Layout, tags, MPI form and the profile's fields are checked here; group membership, signatures and
 * expiry are not.
 *
 * Rejections: MALFORMED, TOO_LARGE, UNSUPPORTED_VERSION, UNSUPPORTED_TYPE, WRONG_TAG, BAD_DH_KEY, BAD_PROFILE.
 */
export function decodeMessage(bytes: Uint8Array, limits: Limits): Result<Message> {
  return decoding<Message>(bytes, (reader) => {
    const header = readHeader(reader);
    switch (header.type) {
      case messageType.data:
        return readDataMessage(reader, header, limits);
      case messageType.identity:
        return readIdentityMessage(reader, header, limits);
      case messageType.authR:
        return readAuthRMessage(reader, header, limits);
      case messageType.authI:
        return readAuthIMessage(reader, header);
      case messageType.nonInteractiveAuth:
        return refuse("UNSUPPORTED_TYPE", "The non-interactive handshake is not spoken here.");
    }
  });
}
