// What a store costs on this disk: `node bench/stores.mjs [FOLDER]` after `npm run build`. Prints a table.
import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMemoryEpoch, defaultCost, openMemoryStore } from "../dist/store/memory.js";
import { openSqliteStore } from "../dist/store/sqlite.js";

const key = new Uint8Array(32).fill(1);
const self = fileURLToPath(import.meta.url);

/** A random value, so that nothing below can compress it. @param {number} size */
const value = (size) => crypto.getRandomValues(new Uint8Array(size));

/** Milliseconds. @param {() => Promise<unknown>} task */
async function timed(task) {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

/** Median and 95th percentile. @param {number} runs @param {(i: number) => unknown} task */
async function spread(runs, task) {
  const times = [];
  for (let i = 0; i < runs; i++) times.push(await timed(async () => await task(i)));
  times.sort((a, b) => a - b);
  return `${at(times, 0.5)} (95 %: ${at(times, 0.95)})`;
}

/** @param {readonly number[]} times @param {number} part */
const at = (times, part) => show(/** @type {number} */ (times[Math.floor(times.length * part)]));

/** @param {number} milliseconds */
const show = (milliseconds) => `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`;

/** What a step of a conversation writes: its state, a message, and what is to be sent. @param {number} i */
const step = (i) => [
  { kind: "put", key: "chat-1/endpoint", value: value(6000) },
  { kind: "put", key: `chat-1/message/${i}`, value: value(300) },
  { kind: "put", key: `chat-1/outbox/${i}`, value: value(1500) },
];

/** The child process: opens a store, and says how long that took and what it costs in memory. */
async function openAlone() {
  const [path, epoch] = process.argv.slice(3);
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const store = await openSqliteStore({ path, key, epoch: createMemoryEpoch(Buffer.from(epoch, "hex")) });
  const took = performance.now() - start;
  const drawers = await store.drawers("chat-");
  const heads = await timed(() => Promise.all(drawers.map((drawer) => store.get(`${drawer}/head`))));
  const { rss } = process.memoryUsage();
  console.log(JSON.stringify({ took, heads, before, rss }));
  // As a crash would: closing would exchange the keys that the next run needs.
  process.kill(process.pid, "SIGKILL");
}

/** @param {string} folder @param {number} chats @param {number} messages In each. */
async function opening(folder, chats, messages) {
  const path = join(folder, `${chats}.db`);
  const epoch = createMemoryEpoch();
  const store = await openSqliteStore({ path, key, epoch });
  for (let chat = 0; chat < chats; chat++) {
    const put = (name, size) => ({ kind: "put", key: `chat-${chat}/${name}`, value: value(size) });
    const texts = Array.from({ length: messages }, (_, i) => put(`message/${i}`, 300));
    await store.commit([put("head", 200), put("endpoint", 6000), ...texts]);
  }
  const closing = await timed(() => store.close());
  const secret = Buffer.from(await epoch.get()).toString("hex");
  let said = "";
  try {
    execFileSync(process.execPath, [self, "--open", path, secret], { encoding: "utf8" });
  } catch (error) {
    said = error.stdout;
  }
  const { took, heads, before, rss } = JSON.parse(said);
  const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;
  return [
    [`open: ${chats} chats, ${chats * messages} messages, ${mebibytes(statSync(path).size)}`, show(took)],
    ["… and the process then has", `${mebibytes(rss)} (${mebibytes(before)} before)`],
    ["… and to read one record of each chat", show(heads)],
    ["… and to close it", show(closing)],
  ];
}

/** @param {string} folder */
async function commits(folder) {
  const file = openSync(join(folder, "bare"), "w");
  const bytes = value(12_288);
  const bare = await spread(300, (i) => {
    writeSync(file, bytes, 0, bytes.length, i * bytes.length);
    fdatasyncSync(file);
  });
  closeSync(file);
  const epoch = createMemoryEpoch();
  const store = await openSqliteStore({ path: join(folder, "commits.db"), key, epoch });
  const memory = await openMemoryStore();
  const hundred = Array.from({ length: 100 }, (_, i) => ({
    kind: "put",
    key: `chat-2/message/${i}`,
    value: value(300),
  }));
  const rows = [
    ["12 KiB to a file, and fdatasync: what the disk costs", bare],
    ["commit of a step: 6 kB, 1.5 kB, 300 bytes", await spread(500, (i) => store.commit(step(i)))],
    ["the same in memory: what sealing costs", await spread(500, (i) => memory.commit(step(i)))],
    ["commit of 100 messages", await spread(20, () => store.commit(hundred))],
    ["get of a message", await spread(500, (i) => store.get(`chat-1/message/${i}`))],
    ["renew a drawer of 100 messages", await spread(10, () => store.commit([{ kind: "renew", drawer: "chat-2" }]))],
    ["fresh keys for two drawers", await spread(10, () => store.rekey())],
    ["erase a drawer of 100 messages", show(await timed(() => store.commit([{ kind: "erase", drawer: "chat-2" }])))],
  ];
  await store.close();
  await memory.close();
  return rows;
}

async function main() {
  const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "sottovoce-stores-"));
  try {
    const { memory, passes, lanes } = defaultCost;
    const passphrase = { key: { passphrase: "secret" }, epoch: createMemoryEpoch() };
    const rows = [
      ...(await commits(folder)),
      ...(await opening(folder, 1000, 100)),
      ...(await opening(folder, 10_000, 1)),
      [
        `Argon2id: ${memory} KiB, ${passes} passes, ${lanes} lane`,
        show(await timed(() => openMemoryStore(passphrase))),
      ],
    ];
    const [cpu] = cpus();
    console.log(`Node ${process.version}, ${cpus().length} × ${cpu?.model ?? "?"}, load ${loadavg()[0]?.toFixed(1)}\n`);
    console.log("| | |\n| --- | --- |");
    for (const row of rows) console.log(`| ${row.join(" | ")} |`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await (process.argv[2] === "--open" ? openAlone() : main());
