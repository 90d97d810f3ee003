// The network in one process: what it delivers, to whom, and that chance repeats (spec/06, "In process").
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import { createMemoryNetwork, type Delivery, type MemoryCarrier, type MemoryOptions } from "../../src/carrier/index.ts";

function listen(carrier: MemoryCarrier): Delivery[] {
  const seen: Delivery[] = [];
  carrier.subscribe((delivery) => {
    seen.push(delivery);
    return Promise.resolve();
  });
  return seen;
}

/** Sends 200 numbered messages and gives the numbers in the order in which they arrive. */
async function arrivals(options: MemoryOptions): Promise<number[]> {
  const network = createMemoryNetwork(options);
  const alice = network.join("alice");
  const seen = listen(network.join("bob"));
  for (let i = 0; i < 200; i++) {
    await alice.send("bob", Uint8Array.of(i), `m${i}`);
    if (i % 3 === 0) await network.step();
  }
  await network.run();
  return seen.map(({ bytes }) => bytes[0] as number);
}

const numbers = Array.from({ length: 200 }, (_, i) => i);

describe("a network", () => {
  it("delivers everything once and in order, unless told otherwise", async () => {
    expect(await arrivals({})).toEqual(numbers);
  });

  it("delivers to all devices of the receiver and the other ones of the sender", async () => {
    const network = createMemoryNetwork();
    const [alice1, alice2, bob1, bob2, carol] = ["alice", "alice", "bob", "bob", "carol"].map((id) => network.join(id));
    const seen = [alice1, alice2, bob1, bob2, carol].map((carrier) => listen(carrier as MemoryCarrier));
    await (alice1 as MemoryCarrier).send("bob", utf8("hi"), "m1");
    expect(await network.run()).toBe(3);
    const delivery = { id: "m1", from: "alice", bytes: utf8("hi") };
    expect(seen).toEqual([
      [],
      [{ ...delivery, self: true }],
      [{ ...delivery, self: false }],
      [{ ...delivery, self: false }],
      [],
    ]);
  });

  it("loses, duplicates and reorders as often as told, the same for the same seed", async () => {
    const options = { seed: 7, loss: 0.2, duplication: 0.2, reordering: 0.3 };
    const first = await arrivals(options);
    expect(await arrivals(options)).toEqual(first);
    expect(await arrivals({ ...options, seed: 8 })).not.toEqual(first);
    const distinct = new Set(first);
    expect(distinct.size).toBeLessThan(190);
    expect(distinct.size).toBeGreaterThan(120);
    expect(first.length).toBeGreaterThan(distinct.size);
    expect(first.some((n, i) => i > 0 && n < (first[i - 1] as number))).toBe(true);
  });

  it("does nothing but what it is told to", () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), async (seed, reordering) => {
        const arrived = await arrivals({ seed, reordering });
        expect(arrived.toSorted((a, b) => a - b)).toEqual(numbers);
      }),
      { numRuns: 20 },
    ));

  it("loses everything, or nothing, at the ends of the scale", async () => {
    expect(await arrivals({ loss: 1 })).toEqual([]);
    expect((await arrivals({ duplication: 1 })).length).toBe(400);
  });

  it("keeps what comes while nobody listens", async () => {
    const network = createMemoryNetwork();
    const bob = network.join("bob");
    await network.join("alice").send("bob", utf8("hi"), "m1");
    await network.run();
    const seen = listen(bob);
    await network.run();
    expect(seen).toHaveLength(1);
  });

  it("delivers again what a handler did not take", async () => {
    const network = createMemoryNetwork();
    let tries = 0;
    network.join("bob").subscribe(() => (++tries < 3 ? Promise.reject(new Error("busy")) : Promise.resolve()));
    await network.join("alice").send("bob", utf8("hi"), "m1");
    await expect(network.step()).rejects.toThrow("busy");
    await expect(network.run()).rejects.toThrow("busy");
    expect(network.pending).toBe(1);
    expect(await network.run()).toBe(1);
    expect([tries, network.pending]).toEqual([3, 0]);
  });

  it("delivers by itself when told to, answers of handlers too", async () => {
    const network = createMemoryNetwork({ automatic: true });
    const [alice, bob] = [network.join("alice"), network.join("bob")];
    bob.subscribe(({ bytes }) => bob.send("alice", bytes, "answer"));
    const answered = new Promise<Delivery>((resolve) => {
      alice.subscribe((delivery) => Promise.resolve(resolve(delivery)));
    });
    await alice.send("bob", utf8("hi"), "m1");
    expect(await answered).toEqual({ id: "answer", from: "bob", bytes: utf8("hi"), self: false });
  });

  it("tells of handlers that fail while it delivers by itself", async () => {
    const failed = new Promise((resolve) => {
      const network = createMemoryNetwork({ automatic: true, onError: resolve });
      network.join("bob").subscribe(() => Promise.reject(new Error("broken")));
      void network.join("alice").send("bob", utf8("hi"), "m1");
    });
    expect(await failed).toMatchObject({ message: "broken" });
  });

  it("can be listened to", async () => {
    const network = createMemoryNetwork({ loss: 1 });
    const seen: unknown[] = [];
    const end = network.tap((message) => seen.push(message));
    const alice = network.join("alice");
    await alice.send("bob", utf8("hi"), "m1");
    end();
    await alice.send("bob", utf8("hi"), "m2");
    expect(seen).toEqual([{ from: "alice", to: "bob", bytes: utf8("hi"), id: "m1" }]);
  });
});

describe("a carrier of it", () => {
  it("ends a subscription", async () => {
    const network = createMemoryNetwork();
    const bob = network.join("bob");
    const end = bob.subscribe(() => Promise.reject(new Error("no longer")));
    end();
    await network.join("alice").send("bob", utf8("hi"), "m1");
    await network.run();
  });

  it("shares no bytes between sender, receivers and itself", async () => {
    const network = createMemoryNetwork();
    const bob = network.join("bob");
    bob.subscribe(({ bytes }) => Promise.resolve(void bytes.fill(0)));
    const sent = utf8("hi");
    await network.join("alice").send("bob", sent, "m1");
    sent.fill(1);
    await network.run();
    expect(bob.stored.get("m1")).toEqual(utf8("hi"));
  });

  it("keeps raw messages until they are deleted", async () => {
    const network = createMemoryNetwork();
    const bob = network.join("bob");
    listen(bob);
    await network.join("alice").send("bob", utf8("hi"), "m1");
    await network.run();
    expect([...bob.stored.keys()]).toEqual(["m1"]);
    await bob.delete("m1");
    await bob.delete("m1");
    expect(bob.stored.size).toBe(0);
  });

  it("refuses what is larger than it says", async () => {
    const network = createMemoryNetwork({ caps: { maxMessageBytes: 2 } });
    const alice = network.join("alice");
    await alice.send("bob", utf8("hi"), "m1");
    await expect(alice.send("bob", utf8("hi!"), "m2")).rejects.toMatchObject({ code: "TOO_LARGE" });
  });

  it("knows the contacts it is told, and tells who listens", async () => {
    const alice = createMemoryNetwork().join("alice");
    await expect(alice.contact("bob")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const changed: string[] = [];
    const end = alice.onContactChange((peer) => changed.push(peer));
    const bob = { openpgpKey: utf8("key"), verified: false };
    alice.setContact("bob", bob);
    end();
    alice.setContact("carol", bob);
    expect(changed).toEqual(["bob"]);
    expect(await alice.contact("bob")).toEqual(bob);
  });

  it("keeps an epoch of its own", async () => {
    const network = createMemoryNetwork();
    const [one, two] = [network.join("alice"), network.join("alice")];
    const epoch = Uint8Array.of(1);
    await one.epoch.set(epoch);
    epoch.fill(2);
    expect([await one.epoch.get(), await two.epoch.get()]).toEqual([Uint8Array.of(1), undefined]);
  });

  it("says that it orders, unless it reorders", () => {
    expect(createMemoryNetwork().join("alice").caps.ordered).toBe(true);
    expect(createMemoryNetwork({ reordering: 0.1 }).join("alice").caps.ordered).toBe(false);
  });
});
