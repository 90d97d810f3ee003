// The report: where it was measured, and a table for each group.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, totalmem, type } from "node:os";
import { contenders, groups, measures } from "./measures.mjs";
import { pairedRatio, summary } from "./statistics.mjs";

/**
 * @typedef {import("./measures.mjs").Measure} Measure
 * @typedef {Map<string, Map<string, number[]>>} Times Measure → contender → microseconds, round by round.
 */

/** A load average of others from which on the figures are no good; `npm ci` and a build stay below. */
const BUSY = 1.5;

const COLUMNS = ["", "median", "p10 – p90", "goal", "met", "× ours"];

/**
 * @param {object} run
 * @param {Times} run.times
 * @param {ReadonlyMap<string, string>} run.missing Contender → why it does not take part.
 * @param {number} run.rounds
 * @param {readonly number[]} run.loadBefore
 */
export function report({ times, missing, rounds, loadBefore }) {
  const parts = ["# Results", header(rounds, loadBefore)];
  for (const [group, about] of Object.entries(groups)) {
    const mine = measures.filter((measure) => measure.group === group && times.has(measure.id));
    if (mine.length > 0) parts.push(`## ${capital(group)}`, about, table(mine.flatMap((m) => rows(m, times))));
  }
  if (Math.max(loadBefore[0], loadavg()[0] - 1) > BUSY)
    parts.splice(2, 0, "The machine had other work to do: these figures are too high.");
  for (const [id, why] of missing) {
    parts.push(`Not measured: ${titleOf(id)}. ${why}`);
  }
  parts.push(
    "*p10 – p90*: four rounds in five lie between. *× ours*: times as long as sottovoce on node:crypto in the same " +
      "round, median of the rounds. What each row is, and how it is measured: [README.md](README.md).",
  );
  return `${parts.join("\n\n")}\n`;
}

/**
 * @param {number} rounds
 * @param {readonly number[]} loadBefore
 */
function header(rounds, loadBefore) {
  const [cpu] = cpus();
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const load = (/** @type {readonly number[]} */ averages) => averages[0].toFixed(2);
  const lines = [
    ["Date", new Date().toISOString().slice(0, 16).replace("T", " ")],
    ["sottovoce", `${version}${commit()}`],
    [
      "Machine",
      `${cpus().length} × ${cpu.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${type()} ${arch()}`,
    ],
    ["Node", `${process.version} (V8 ${process.versions.v8}, OpenSSL ${process.versions.openssl})`],
    ["Load", `${load(loadBefore)} before, ${load(loadavg())} after (one minute's average; the run itself adds 1)`],
    ["Rounds", String(rounds)],
  ];
  return lines.map(([name, value]) => `- ${name}: ${value}`).join("\n");
}

/** The commit that was measured, if this is a checkout. */
function commit() {
  const cwd = new URL("..", import.meta.url);
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "package-lock.json") !== "";
    return `, commit ${git("rev-parse", "--short=10", "HEAD")}${changed ? " with changes" : ""}`;
  } catch {
    return "";
  }
}

/**
 * @param {Measure} measure
 * @param {Times} times
 * @returns {string[][]}
 */
function rows({ id, title, goal }, times) {
  const of = times.get(id) ?? new Map();
  const ours = of.get(contenders[0].id);
  const entries = contenders.flatMap((contender) => {
    const series = of.get(contender.id);
    if (series === undefined) return [];
    const { median, low, high } = summary(series);
    const wanted = goal?.[contender.id];
    return [
      [
        `· ${contender.title}`,
        time(median),
        `${time(low)} – ${time(high)}`,
        wanted === undefined ? "" : `≤ ${time(wanted)}`,
        wanted === undefined ? "" : median <= wanted ? "yes" : "no",
        ours === undefined || series === ours ? "" : significant(pairedRatio(series, ours)),
      ],
    ];
  });
  return [[`**${title}**`, "", "", "", "", ""], ...entries];
}

/** @param {string[][]} body */
function table(body) {
  const lines = [COLUMNS, ...body];
  const widths = COLUMNS.map((_, i) => Math.max(3, ...lines.map((cells) => cells[i].length)));
  const pad = (/** @type {string} */ cell, /** @type {number} */ i) =>
    i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]);
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [COLUMNS.map(pad), rule, ...body.map((cells) => cells.map(pad))]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** @param {string} id */
export function titleOf(id) {
  return contenders.find((contender) => contender.id === id)?.title ?? id;
}

/** @param {number} microseconds */
function time(microseconds) {
  return microseconds < 1000 ? `${significant(microseconds)} µs` : `${significant(microseconds / 1000)} ms`;
}

/** Three significant digits, never an exponent. @param {number} value */
function significant(value) {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** @param {string} word */
function capital(word) {
  return word === "openpgp" ? "OpenPGP" : word[0].toUpperCase() + word.slice(1);
}
