// Vitest: where the tests are and how the default suite is found without a build.
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  resolve: {
    // package.json#imports points into dist/; tests read the sources.
    alias: { "#crypto": fileURLToPath(new URL("src/crypto/node.ts", import.meta.url)) },
  },
  test: {
    include: ["test/**/*.test.ts"],
    // The hard mathematics in pure JavaScript takes tens of milliseconds a step, more on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: "threads",
    maxWorkers: 2,
  },
});

export default config;
