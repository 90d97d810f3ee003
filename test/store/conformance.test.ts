// Every kind of store behaves the same (spec/13, "Interface").
import { describe } from "vitest";
import { describeStore } from "./conformance.ts";
import { describeCrashes } from "./crashes.ts";
import { kinds, titled } from "./kinds.ts";

describe.each(kinds)("$name", (kind) => {
  describe.skipIf(kind.missing !== undefined)(titled(kind), () => {
    describeStore(kind);
    describeCrashes(kind);
  });
});
