#!/usr/bin/env node
// The `sottovoce` command of the package (spec/12, "Commands").
import { once } from "node:events";
import process from "node:process";
import { run } from "./run.ts";

// Whoever reads us may stop reading, as `head` does: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

// So that whatever has to be tidied up is.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

process.exitCode = await run(process.argv.slice(2), {
  input: process.stdin,
  out: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, "drain");
  },
  err: (text) => void process.stderr.write(text),
  env: process.env,
  watched: process.stdout.isTTY === true,
  typed: process.stdin.isTTY === true,
});
