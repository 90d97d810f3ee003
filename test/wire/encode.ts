// Any decoded message back to bytes.
import { encodeAuthIMessage } from "../../src/wire/auth-i-message.ts";
import { encodeAuthRMessage } from "../../src/wire/auth-r-message.ts";
import { encodeDataMessage, encodeSections } from "../../src/wire/data-message.ts";
import { encodeIdentityMessage } from "../../src/wire/identity-message.ts";
import type { Message } from "../../src/wire/messages.ts";

export function encodeMessage(message: Message): Uint8Array {
  switch (message.kind) {
    case "identity":
      return encodeIdentityMessage(message);
    case "auth-r":
      return encodeAuthRMessage(message);
    case "auth-i":
      return encodeAuthIMessage(message);
    case "data":
      return encodeDataMessage(encodeSections(message), message.mac, message.revealed);
  }
}
