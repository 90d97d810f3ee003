// Every medium is the same ordered table of byte strings (spec/13, "Rows").
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, fromHex, toHex } from "../../src/bytes.ts";
import { endOf, type Write } from "../../src/store/rows.ts";
import { allRows, kinds, titled } from "./kinds.ts";

/** Short, and of bytes at the edges, so that names are often beginnings of each other, and neighbours. */
const aName: fc.Arbitrary<Uint8Array> = fc
  .array(fc.constantFrom(0x00, 0x01, 0x02, 0x03, 0xfe, 0xff), { minLength: 1, maxLength: 3 })
  .map((bytes) => Uint8Array.from(bytes));

const aWrite: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(aName, fc.uint8Array({ minLength: 1, maxLength: 4 }))
      .map(([name, value]): Write => ({ kind: "put", name, value })),
  },
  { weight: 2, arbitrary: aName.map((name): Write => ({ kind: "delete", name })) },
  { weight: 1, arbitrary: aName.map((prefix): Write => ({ kind: "clear", prefix })) },
);

/** Hexadecimal sorts as bytes do. */
type Model = Map<string, string>;

function apply(model: Model, write: Write): void {
  if (write.kind === "put") model.set(toHex(write.name), toHex(write.value));
  else if (write.kind === "delete") model.delete(toHex(write.name));
  else for (const name of model.keys()) if (name.startsWith(toHex(write.prefix))) model.delete(name);
}

function listed(model: Model, prefix: string, after: string | undefined, limit: number): readonly [string, string][] {
  return [...model]
    .filter(([name]) => name.startsWith(prefix) && (after === undefined || name > after))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, limit);
}

describe.each(kinds)("$name", (kind) => {
  it.skipIf(kind.missing !== undefined)(titled(kind, " lists, clears and keeps what a map would"), async () => {
    const rows = await kind.medium().rows();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(aWrite, { maxLength: 6 }), { minLength: 1, maxLength: 6 }),
        fc.oneof(aName, fc.constant(new Uint8Array(0))),
        fc.option(aName, { nil: undefined }),
        fc.integer({ min: 1, max: 8 }),
        async (batches, prefix, more, limit) => {
          await rows.write((await allRows(rows)).map(({ name }) => ({ kind: "delete", name })));
          const model: Model = new Map();
          for (const batch of batches) {
            await rows.write(batch);
            for (const write of batch) apply(model, write);
          }
          const hex = (row: { name: Uint8Array; value: Uint8Array }) => [toHex(row.name), toHex(row.value)];
          expect((await allRows(rows)).map(hex)).toEqual(listed(model, "", undefined, 1000));
          const after = more && concat(prefix, more);
          expect((await rows.list(prefix, after, limit)).map(hex)).toEqual(
            listed(model, toHex(prefix), after && toHex(after), limit),
          );
          for (const [name, value] of model) expect(toHex((await rows.get(fromHex(name)!))!)).toBe(value);
        },
      ),
      { numRuns: 60 },
    );
    await rows.close();
  });
});

describe("the end of a prefix", () => {
  it("comes after all that begin with it, and before everything else that does", () => {
    fc.assert(
      fc.property(aName, aName, (prefix, name) => {
        const end = endOf(prefix);
        const begins = toHex(name).startsWith(toHex(prefix));
        const inside = toHex(name) >= toHex(prefix) && (end === undefined || toHex(name) < toHex(end));
        expect(inside).toBe(begins);
      }),
    );
    expect(endOf(Uint8Array.of(0xff, 0xff))).toBeUndefined();
    expect(endOf(new Uint8Array(0))).toBeUndefined();
  });
});
