// Makes spec/pictures/demo.svg, the moving picture of the README, from what the demo really prints.
// Usage: npm run build && node scripts/make-demo-svg.mjs > spec/pictures/demo.svg
import { execFileSync } from "node:child_process";

const COLUMNS = 92;
const ROWS = 32;
const CHAR = 8.4;
const LINE = 19;
const PADDING = 18;
const BAR = 34;
const WIDTH = COLUMNS * CHAR + 2 * PADDING;
const HEIGHT = ROWS * LINE + 2 * PADDING + BAR;

/** Classes of the style sheet below, by the parameters of "Select Graphic Rendition" that the command uses. */
const ON = { 1: "b", 2: "d", 32: "g", 33: "w", 35: "a", 36: "c" };
const OFF = { 22: ["b", "d"], 39: ["g", "w", "a", "c"] };

/** How long, in milliseconds, one looks at a line before the next one comes. */
function pauseAfter(line, next) {
  if (next === undefined) return 5000;
  if (/^\d {2}\S/.test(line)) return 900;
  if (line.trim() === "") return 60;
  const ends = next.trim() === "";
  if (/^ {2}\S/.test(line)) return ends ? 1700 : 60;
  if (/^ {4}╰/.test(line)) return 1300;
  if (/^ {4}[│╭]/.test(line)) return 60;
  return ends ? 900 : 230;
}

/** Text without its escape sequences, as pieces of one look each: { text, column, classes }. */
function piecesOf(line) {
  const pieces = [];
  const classes = new Set();
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
  for (const part of line.split(/(\u001b\[\d+m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the same.
    const code = /^\u001b\[(\d+)m$/.exec(part)?.[1];
    if (code !== undefined) {
      if (ON[code]) classes.add(ON[code]);
      for (const name of OFF[code] ?? []) classes.delete(name);
      continue;
    }
    // Symbols that a font may lack stand alone, so that a wider substitute moves nothing else; wide gaps are no text.
    for (const text of part.split(/([✉✔▸⋮]| {2,})/).filter((piece) => piece !== "")) {
      pieces.push({ text, column, classes: [...classes].join(" ") });
      column += text.length;
    }
  }
  return pieces.filter(({ text }) => text.trim() !== "");
}

function escapeXml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function textOf({ text, column, classes }, row) {
  const start = text.length - text.trimStart().length;
  const shown = text.trim();
  const x = (PADDING + (column + start) * CHAR).toFixed(1);
  const y = (row + 1) * LINE - 5;
  const width = (shown.length * CHAR).toFixed(1);
  const look = classes === "" ? "" : ` class="${classes}"`;
  return `<text x="${x}" y="${y}" textLength="${width}"${look}>${escapeXml(shown)}</text>`;
}

const output = execFileSync(process.execPath, ["dist/cli/main.js", "demo", "--fast"], {
  encoding: "utf8",
  env: { ...process.env, FORCE_COLOR: "1", NO_COLOR: "", npm_lifecycle_event: "start" },
});
const lines = `$ npm start\n${output.trimEnd()}`.split("\n");
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same.
const plain = lines.map((line) => line.replaceAll(/\u001b\[\d+m/g, ""));

const times = [];
let now = 400;
for (const [i, line] of plain.entries()) {
  times.push(now);
  now += i === 0 ? 1200 : pauseAfter(line, plain[i + 1]);
}
const percent = (time) => `${((100 * time) / now).toFixed(2)}%`;
const frames = (name, positionAfter) => {
  const steps = times.map((time, i) => [time, positionAfter(i + 1)]).filter(([, y], i, all) => y !== all[i - 1]?.[1]);
  const all = [[0, positionAfter(0)], ...steps].map(([time, y]) => `${percent(time)}{transform:translateY(${y}px)}`);
  return `@keyframes ${name}{${all.join("")}}`;
};
const scroll = frames("scroll", (printed) => -Math.max(0, printed - ROWS) * LINE);
const cover = frames("cover", (printed) => (printed - ROWS) * LINE);
const seconds = (now / 1000).toFixed(1);

const size = `viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"`;
const label = "sottovoce demo in a terminal: a secret chat, from invitation to forgery";
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${label}">
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d5d8de;white-space:pre}
.b{font-weight:700;fill:#fff}.d{fill:#868c99}.g{fill:#8fd694}.w{fill:#e5c07b}.a{fill:#dc9ce8}.c{fill:#6fcbd8}
${scroll}
${cover}
#lines{animation:scroll ${seconds}s step-end infinite}#cover{animation:cover ${seconds}s step-end infinite}
@media (prefers-reduced-motion:reduce){#lines,#cover{animation:none}}
</style>
<rect width="${WIDTH}" height="${HEIGHT}" rx="10" fill="#16181d"/>
<g fill="#3a3e47"><circle cx="20" cy="18" r="6"/><circle cx="40" cy="18" r="6"/><circle cx="60" cy="18" r="6"/></g>
<svg y="${BAR + PADDING / 2}" width="${WIDTH}" height="${ROWS * LINE + PADDING / 2}">
<g id="lines">
${lines.flatMap((line, row) => piecesOf(line).map((piece) => textOf(piece, row))).join("\n")}
<rect id="cover" y="${ROWS * LINE}" width="${WIDTH}" height="${(ROWS + 1) * LINE}" fill="#16181d"/>
</g>
</svg>
</svg>
`);
