// The folder of mails: whole files, each once, garbage reported and left (spec/06, "Folder of mails").
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import type { Delivery } from "../../src/carrier/carrier.ts";
import {
  type Garbage,
  type MailFolderCarrier,
  type MailFolderOptions,
  openMailFolder,
} from "../../src/carrier/folder.ts";
import { formatMail } from "../../src/carrier/index.ts";
import { defaultLimits } from "../../src/limits.ts";

let root = "";
const opened: MailFolderCarrier[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sv-"));
});
afterEach(async () => {
  for (const carrier of opened.splice(0)) carrier.close();
  await rm(root, { recursive: true, force: true });
});

async function open(account: string, options: Partial<MailFolderOptions> = {}): Promise<MailFolderCarrier> {
  const carrier = await openMailFolder({ root, account, pollMilliseconds: 0, ...options });
  opened.push(carrier);
  return carrier;
}
function listen(carrier: MailFolderCarrier): Delivery[] {
  const seen: Delivery[] = [];
  carrier.subscribe((delivery) => {
    seen.push(delivery);
    return Promise.resolve();
  });
  return seen;
}

const alice = "alice@example.org";
const bob = "bob@example.org";
const box = (account: string, device = "device"): string => join(root, account, device);

describe("a folder of mails", () => {
  it("carries mails both ways, each once", async () => {
    const [a, b] = [await open(alice), await open(bob)];
    const [seenByA, seenByB] = [listen(a), listen(b)];
    await a.send(bob, utf8("one"), "m1");
    await a.send(bob, utf8("two"), "m2");
    await b.send(alice, utf8("three"), "m1");
    expect([await a.poll(), await b.poll(), await b.poll()]).toEqual([1, 2, 0]);
    expect(new Set(seenByB.map(({ bytes }) => new TextDecoder().decode(bytes)))).toEqual(new Set(["one", "two"]));
    expect(seenByB[0]).toMatchObject({ from: alice, self: false });
    expect(seenByA).toEqual([{ id: `${bob}.m1`, from: bob, bytes: utf8("three"), self: false }]);
  });

  it("writes mails that anything can read, one file each, and nothing else", async () => {
    const a = await open(alice);
    await open(bob);
    await a.send(bob, utf8("one"), "m1");
    expect(await readdir(box(bob))).toEqual([`${alice}.m1.eml`]);
    const mail = await readFile(join(box(bob), `${alice}.m1.eml`), "utf8");
    expect(mail).toMatch(/^From: <alice@example\.org>\r\nTo: <bob@example\.org>\r\nDate: /);
    expect(await readdir(box(alice))).toEqual([]);
  });

  it("reaches all devices, one's own other ones too", async () => {
    const phone = await open(alice, { device: "phone" });
    const seen = await Promise.all(
      (
        [
          [alice, "laptop"],
          [bob, "phone"],
          [bob, "tablet"],
        ] as const
      ).map(async ([account, device]) => {
        const carrier = await open(account, { device });
        const deliveries = listen(carrier);
        return { carrier, deliveries };
      }),
    );
    await phone.send(bob, utf8("one"), "m1");
    for (const { carrier } of seen) await carrier.poll();
    expect(seen.map(({ deliveries }) => deliveries.map(({ self }) => self))).toEqual([[true], [false], [false]]);
  });

  it("makes one mail of a message that is sent again", async () => {
    const a = await open(alice);
    const b = await open(bob);
    const seen = listen(b);
    await a.send(bob, utf8("one"), "m1");
    await a.send(bob, utf8("one"), "m1");
    await b.poll();
    await a.send(bob, utf8("one"), "m1");
    await b.poll();
    expect(seen).toHaveLength(1);
  });

  it("delivers what was sent before it was opened, and again to a new process until it is deleted", async () => {
    await open(bob);
    await (await open(alice)).send(bob, utf8("one"), "m1");
    for (const expected of [1, 1]) {
      const again = await open(bob);
      const seen = listen(again);
      expect(await again.poll()).toBe(expected);
      expect(seen).toHaveLength(expected);
    }
    const last = await open(bob);
    const [delivery] = [listen(last), await last.poll()][0] as Delivery[];
    await last.delete(delivery?.id ?? "");
    await last.delete(delivery?.id ?? "");
    expect(await readdir(box(bob))).toEqual([]);
    const none = await open(bob);
    listen(none);
    expect(await none.poll()).toBe(0);
  });

  it("delivers again what a handler did not take, and waits for a handler", async () => {
    const [a, b] = [await open(alice), await open(bob)];
    await a.send(bob, utf8("one"), "m1");
    expect(await b.poll()).toBe(0);
    let tries = 0;
    b.subscribe(() => (++tries === 1 ? Promise.reject(new Error("busy")) : Promise.resolve()));
    await expect(b.poll()).rejects.toThrow("busy");
    expect(await b.poll()).toBe(1);
    expect(await b.poll()).toBe(0);
  });

  it("delivers the oldest first", async () => {
    const [a, b] = [await open(alice), await open(bob)];
    const seen = listen(b);
    for (const [i, id] of ["c", "a", "b"].entries()) {
      await a.send(bob, utf8(id), id);
      await utimes(join(box(bob), `${alice}.${id}.eml`), i + 1, i + 1);
    }
    await b.poll();
    expect(seen.map(({ id }) => id.slice(-1))).toEqual(["c", "a", "b"]);
  });

  it("looks by itself", async () => {
    const a = await open(alice);
    const b = await open(bob, { pollMilliseconds: 5 });
    const arrived = new Promise<Delivery>((resolve) => b.subscribe((delivery) => Promise.resolve(resolve(delivery))));
    await a.send(bob, utf8("one"), "m1");
    expect((await arrived).bytes).toEqual(utf8("one"));
  });

  it("tells when a look goes wrong", async () => {
    const failed = new Promise<unknown>((resolve) => {
      void open(bob, { pollMilliseconds: 5, onError: resolve }).then(async (b) => {
        listen(b);
        await rm(box(bob), { recursive: true });
      });
    });
    expect(await failed).toMatchObject({ code: "CARRIER" });
  });
});

describe("garbage", () => {
  it("is reported once, with the reason, and left; mails beside it are delivered", async () => {
    const reports: Garbage[] = [];
    const limits = { ...defaultLimits, openpgpBytes: 2000 };
    const b = await open(bob, { onGarbage: (report) => reports.push(report), limits });
    const seen = listen(b);
    await writeFile(join(box(bob), "1-words.eml"), "hello");
    await writeFile(join(box(bob), "2-plain.eml"), "Content-Type: text/plain\r\n\r\nhello");
    await writeFile(join(box(bob), "3-large.eml"), "a".repeat(4001));
    await mkdir(join(box(bob), "4-folder.eml"));
    await symlink("/dev/zero", join(box(bob), "5-link.eml"));
    await writeFile(join(box(bob), ".hidden.eml"), "hello");
    await writeFile(join(box(bob), ".writing.tmp"), "hello");
    await writeFile(join(box(bob), "notes.txt"), "hello");
    await (await open(alice)).send(bob, utf8("one"), "m1");
    expect(await b.poll()).toBe(1);
    expect(await b.poll()).toBe(0);
    expect(seen).toHaveLength(1);
    expect(reports.map(({ file, rejection }) => [file, rejection.code]).toSorted()).toEqual([
      ["1-words.eml", "MALFORMED"],
      ["2-plain.eml", "NOT_FOR_US"],
      ["3-large.eml", "TOO_LARGE"],
      ["4-folder.eml", "NOT_FOR_US"],
      ["5-link.eml", "NOT_FOR_US"],
    ]);
    expect(await readdir(box(bob))).toHaveLength(9);
  });

  it("is looked at again when it has changed", async () => {
    const reports: Garbage[] = [];
    const b = await open(bob, { onGarbage: (report) => reports.push(report) });
    const seen = listen(b);
    const file = join(box(bob), "m1.eml");
    await writeFile(file, "half a mail");
    await b.poll();
    await writeFile(file, formatMail({ from: alice, to: bob, date: 0, id: "m1", bytes: utf8("one") }));
    await utimes(file, 1, 1);
    await b.poll();
    expect([reports.length, seen.length, seen[0]?.id]).toEqual([1, 1, "m1"]);
  });
});

describe("sending", () => {
  it("fails for nobody, for what is too large, and for what cannot be an address or an id", async () => {
    const a = await open(alice, { caps: { maxMessageBytes: 3 } });
    await open(bob);
    await expect(a.send("carol@example.org", utf8("hi"), "m1")).rejects.toMatchObject({ code: "CARRIER" });
    await expect(a.send(bob, utf8("four"), "m1")).rejects.toMatchObject({ code: "TOO_LARGE" });
    await expect(a.send("../bob", utf8("hi"), "m1")).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(a.send(bob, utf8("hi"), "../m1")).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    expect(await readdir(box(bob))).toEqual([]);
  });

  it("stays in the root, whatever the names", async () => {
    const dots = "..@example.org";
    const slash = "a/../../b@example.org";
    await open(slash, { device: "../../../x" });
    await (await open(alice)).send(slash, utf8("hi"), "m1").catch(() => undefined);
    await open(dots);
    const names = await readdir(root, { recursive: true });
    expect(names.every((name) => !name.split("/").includes(".."))).toBe(true);
    expect(names).toContain("%2E.@example.org");
    expect(names).toContain("a%2F..%2F..%2Fb@example.org");
  });

  it("leaves nothing half-written when it fails", async () => {
    const a = await open(alice);
    await open(bob);
    await mkdir(join(box(bob), `${alice}.m1.eml`, "x"), { recursive: true });
    await expect(a.send(bob, utf8("hi"), "m1")).rejects.toMatchObject({ code: "CARRIER" });
    expect(await readdir(box(bob))).toEqual([`${alice}.m1.eml`]);
  });
});

describe("beside mails", () => {
  it("only deliveries can be deleted", async () => {
    const b = await open(bob);
    await writeFile(join(root, "precious.eml"), "x");
    await expect(b.delete("../../precious")).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    expect(await readdir(root)).toContain("precious.eml");
  });

  it("the epoch of a device is kept", async () => {
    const b = await open(bob);
    expect(await b.epoch.get()).toBeUndefined();
    await b.epoch.set(Uint8Array.of(1, 2));
    expect(await (await open(bob)).epoch.get()).toEqual(Uint8Array.of(1, 2));
    expect(await (await open(bob, { device: "other" })).epoch.get()).toBeUndefined();
  });

  it("contacts are what one says", async () => {
    const b = await open(bob);
    await expect(b.contact(alice)).rejects.toMatchObject({ code: "NOT_FOUND" });
    b.setContact(alice, { openpgpKey: utf8("key"), verified: true });
    expect(await b.contact(alice)).toMatchObject({ verified: true });
  });

  it("a folder that cannot be made is an error that says so", async () => {
    await writeFile(join(root, alice), "a file");
    await expect(open(alice)).rejects.toMatchObject({ code: "CARRIER" });
  });
});
