// Every kind of store behaves the same (spec/13, "Interface").
import { describe, expect, it } from "vitest";
import { describeOpening } from "./conformance-opening.ts";
import { describeRecords } from "./conformance-records.ts";
import { describeRest } from "./conformance-rest.ts";
import { describeCrashes } from "./crashes.ts";
import { betterSqlite, kinds, nodeSqlite, titled } from "./kinds.ts";

describe.each(kinds)("$name", (kind) => {
  describe.skipIf(kind.missing !== undefined)(titled(kind), () => {
    describeRecords(kind);
    describeOpening(kind);
    describeRest(kind);
    describeCrashes(kind);
  });
});

describe("SQLite", () => {
  it.runIf(process.env["CI"])("is there on the build server: whichever this Node should have", () => {
    const builtIn = process.versions.node.localeCompare("22.13", "en", { numeric: true }) >= 0;
    expect((builtIn ? nodeSqlite : betterSqlite).missing).toBeUndefined();
  });
});
