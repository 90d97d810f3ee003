// A process that is killed at any moment has lost nothing that it had acknowledged (spec/13, "Commits").
// SOTTOVOCE_KILLS=300 for more of it. The process runs what is built: `npm run build` first.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import type { Epoch, StoreOptions } from "../../src/store/store.ts";
import { codeOf, everything, hostKey, read, scanned } from "./keys.ts";
import { betterSqlite, newPath, nodeSqlite, titled } from "./kinds.ts";

const writer: string = fileURLToPath(new URL("writer.mjs", import.meta.url));
const kills = Number(process.env["SOTTOVOCE_KILLS"] ?? 5);

function fileEpoch(path: string): Epoch {
  return {
    get: () => Promise.resolve(existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined),
    set(value) {
      writeFileSync(`${path}.new`, value);
      renameSync(`${path}.new`, path);
      return Promise.resolve();
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  /** What it said last. */
  said(): string;
  /** Resolves when it has said so many lines. */
  lines(count: number): Promise<void>;
}

function start(path: string, epochPath: string, freshness: string): Running {
  const child = spawn(process.execPath, [writer, path, epochPath, freshness], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  return {
    child,
    said: () => lines.at(-1) ?? "",
    async lines(count) {
      while (lines.length < count && child.exitCode === null)
        await Promise.race([once(reader, "line"), once(child, "exit")]);
    },
  };
}

const some = [nodeSqlite, betterSqlite].find(({ missing }) => missing === undefined) ?? betterSqlite;
const FRESHNESS = ["opening", "commit"] as const;

describe.each(FRESHNESS)(titled(some, ": a process killed while it commits, freshness %s"), (freshness) => {
  it.skipIf(some.missing !== undefined)(
    `has lost nothing and left nothing half done, ${kills} times`,
    { timeout: 30_000 + kills * 3000 },
    async () => {
      const path = newPath();
      const epochPath = `${path}.epoch`;
      const options: StoreOptions = { key: hostKey, epoch: fileEpoch(epochPath), freshness };
      let acknowledged = 0;
      for (let i = 0; i < kills; i++) {
        const { child, said, lines } = start(path, epochPath, freshness);
        // Sometimes while it opens, sometimes after a few dozen commits.
        await lines(i % 4 === 3 ? 0 : 1 + Math.floor(Math.random() * 40));
        if (i === 0) expect(await codeOf(openSqliteStore({ ...options, path }))).toBe("STORE_LOCKED");
        await new Promise((resolve) => setTimeout(resolve, Math.random() * (i % 4 === 3 ? 150 : 10)));
        const exited = once(child, "exit");
        const killed = child.kill("SIGKILL");
        await exited;
        expect(killed, "the writer ended by itself").toBe(true);
        acknowledged = Number.parseInt(said(), 10) || acknowledged;

        const store = await openSqliteStore({ ...options, path });
        const n = Number(await read(store, "left/n"));
        if (acknowledged > 0) {
          expect([acknowledged, acknowledged + 1]).toContain(n);
          expect(await everything(store)).toEqual({
            "left/n": `${n}`,
            "right/n": `${n}`,
            ...(await scanned(store, "log/")),
          });
          const left = [n - 2, n - 1, n].filter((at) => at > 0);
          expect(Object.keys(await scanned(store, "log/")).sort()).toEqual(left.map((at) => `log/${at}`).sort());
          acknowledged = n;
        }
        await store.close();
      }
      expect(acknowledged).toBeGreaterThan(0);
    },
  );
});
