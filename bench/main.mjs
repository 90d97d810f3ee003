// The bench: every contender in a process of its own, one working at a time, in rounds: A B C, A B C, …
import { fork } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { contenders, groups, measures } from "./measures.mjs";
import { report, titleOf } from "./report.mjs";

const USAGE = `Usage: npm run bench [GROUP…]

Measures everything and writes bench/results.md, or only the groups named, and then writes nothing.
Groups: ${Object.keys(groups).join(", ")}.`;

/** How long the rounds go on, all together, and how many there are at least and at most. */
const SECONDS = 70;
const MIN_ROUNDS = 5;
const MAX_ROUNDS = 100;

/** A contender cannot do what it should. */
class ContenderError extends Error {
  /**
   * @param {string} message
   * @param {string} [code]
   */
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

/** A contender's process. */
class Runner {
  /** @param {string} id */
  constructor(id) {
    this.id = id;
    this.child = fork(fileURLToPath(new URL("contender.mjs", import.meta.url)), [id], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.complaint = "";
    this.child.stderr?.on("data", (text) => {
      this.complaint += text;
    });
  }

  /**
   * @param {{ prepare: string } | { run: string }} question
   * @returns {Promise<any>}
   */
  ask(question) {
    return new Promise((resolve, reject) => {
      const settle = (/** @type {any} */ answer) => {
        this.child.off("exit", leave);
        if (answer.failed === undefined) resolve(answer);
        else reject(new ContenderError(answer.failed, answer.code));
      };
      const leave = () => {
        this.child.off("message", settle);
        reject(new ContenderError(this.complaint.trim() || "Its process ended."));
      };
      this.child.once("message", settle);
      this.child.once("exit", leave);
      if (this.child.connected) this.child.send(question);
      else leave();
    });
  }

  end() {
    this.child.kill();
  }
}

/** @param {readonly string[]} wanted Groups. */
async function bench(wanted) {
  const loadBefore = loadavg();
  const chosen = measures.filter(({ group }) => wanted.includes(group));
  const runners = new Map(contenders.map(({ id }) => [id, new Runner(id)]));
  try {
    const { entries, missing } = await prepareAll(chosen, runners);
    const times = new Map(chosen.map(({ id }) => [id, new Map()]));
    for (const { measure, runner } of entries) times.get(measure)?.set(runner.id, []);
    const end = performance.now() + SECONDS * 1000;
    let rounds = 0;
    while (rounds < MIN_ROUNDS || (rounds < MAX_ROUNDS && performance.now() < end)) {
      for (const { measure, runner } of entries) {
        const { time } = await runner.ask({ run: measure });
        times.get(measure)?.get(runner.id).push(time);
      }
      rounds++;
      progress(`round ${rounds}`);
    }
    progress("");
    return report({ times, missing, rounds, loadBefore });
  } finally {
    for (const runner of runners.values()) runner.end();
  }
}

/**
 * Warms everything up. A contender of others that fails is left out, with the reason; one of ours ends the run.
 *
 * @param {readonly import("./measures.mjs").Measure[]} chosen
 * @param {ReadonlyMap<string, Runner>} runners
 */
async function prepareAll(chosen, runners) {
  /** @type {{ measure: string, runner: Runner }[]} */
  let entries = [];
  /** @type {Map<string, string>} */
  const missing = new Map();
  for (const { id, title } of chosen) {
    for (const runner of runners.values()) {
      if (missing.has(runner.id)) continue;
      progress(`warming up: ${title}, ${titleOf(runner.id)}`);
      try {
        const { offered } = await runner.ask({ prepare: id });
        if (offered) entries.push({ measure: id, runner });
      } catch (error) {
        const others = contenders.find((contender) => contender.id === runner.id)?.needs;
        if (!(error instanceof ContenderError) || others === undefined) throw error;
        console.error(error.message);
        missing.set(
          runner.id,
          error.code === "ERR_MODULE_NOT_FOUND" ? "It is not installed." : "It does not run here.",
        );
        entries = entries.filter((entry) => entry.runner !== runner);
      }
    }
  }
  return { entries, missing };
}

/** One line on a terminal that is written over; nothing elsewhere. @param {string} text */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((group) => !Object.hasOwn(groups, group));
if (unknown.length > 0) {
  console.error(`${unknown.join(" ")}?\n\n${USAGE}`);
  process.exitCode = 2;
} else if (!existsSync(new URL("../dist/otr.js", import.meta.url))) {
  console.error("There is no build to measure. Run `npm ci && npm run build` at the top first.");
  process.exitCode = 1;
} else {
  const text = await bench(wanted.length === 0 ? Object.keys(groups) : wanted);
  console.log(text);
  if (wanted.length === 0) writeFileSync(new URL("results.md", import.meta.url), text);
}
