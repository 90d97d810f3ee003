// A process that commits until it is killed: `node writer.mjs PATH EPOCH FRESHNESS`. Says each number that is durable.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { openSqliteStore } from "../../dist/store/sqlite.js";

const [path, epochPath, freshness] = process.argv.slice(2);

const epoch = {
  get: () => Promise.resolve(existsSync(epochPath) ? new Uint8Array(readFileSync(epochPath)) : undefined),
  set: (value) => {
    const file = openSync(`${epochPath}.new`, "w");
    writeSync(file, value);
    fsyncSync(file);
    closeSync(file);
    renameSync(`${epochPath}.new`, epochPath);
    return Promise.resolve();
  },
};

const encode = (text) => new TextEncoder().encode(text);
const put = (key, text) => ({ kind: "put", key, value: encode(text) });

const store = await openSqliteStore({ path, epoch, freshness, key: new Uint8Array(32).fill(7) });
process.stdout.write(`opened ${store.found}\n`);
const last = await store.get("left/n");
for (let n = last === undefined ? 1 : Number(new TextDecoder().decode(last)) + 1; ; n++) {
  await store.commit([
    ...(n % 7 === 0 ? [{ kind: "renew", drawer: "left" }] : []),
    ...(n % 11 === 0 ? [{ kind: "erase", drawer: "right" }] : []),
    put("left/n", String(n)),
    put("right/n", String(n)),
    put(`log/${n}`, String(n).repeat(n % 400)),
    { kind: "delete", key: `log/${n - 3}` },
  ]);
  if (n % 13 === 0) await store.rekey();
  process.stdout.write(`${n}\n`);
}
