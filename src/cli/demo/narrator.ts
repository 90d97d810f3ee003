// The narrator of the demo: chapters, prose, screens and facts as lines of a terminal (spec/12, "demo").
import { setTimeout as sleep } from "node:timers/promises";
import type { Io } from "../io.ts";
import { type Paint, paintFor, wrap } from "../paint.ts";
import type { Name } from "./world.ts";

export interface Narrator {
  readonly paint: Paint;
  /** A name in its person's colour, as wide as the longer of both. */
  who(name: Name): string;
  title(text: string): Promise<void>;
  /** Begins a numbered chapter. */
  chapter(title: string): Promise<void>;
  /** Plain prose. */
  tell(text: string): Promise<void>;
  /** What people see on their devices, side by side; the first line of each is its heading. */
  screens(screens: Readonly<Partial<Record<Name, readonly string[]>>>): Promise<void>;
  /** Lines of facts. */
  facts(...lines: readonly string[]): Promise<void>;
  /** A fact that was checked, just now and truly. */
  checked(text: string): Promise<void>;
}

const WIDTH = 88;
const SCREEN_WIDTH = 38;
const PAUSE = { line: 150, chapter: 1000, tell: 1500, screens: 1500 } as const;

/** Tells without haste to somebody who watches, and at once to everything else. */
export function createNarrator(io: Io, fast: boolean): Narrator {
  const paint = paintFor(io);
  const pause = (milliseconds: number): Promise<void> => (fast ? Promise.resolve() : sleep(milliseconds));
  let chapters = 0;
  let last = "";
  /** Different kinds of lines are set apart by an empty one. */
  const print = async (kind: string, lines: readonly string[], perLine: number, after: number): Promise<void> => {
    if (last !== kind || kind === "screens" || kind === "tell") await io.out("\n");
    last = kind;
    for (const line of lines) {
      await io.out(`${line}\n`);
      await pause(perLine);
    }
    await pause(after);
  };
  const colour = (name: Name): ((text: string) => string) => (name === "Alice" ? paint.alice : paint.bob);
  const frame = (name: Name, lines: readonly string[], height: number): string[] => {
    const inColour = colour(name);
    const title = ` ${name}'s screen `;
    const rows = Array.from({ length: height }, (_, i) => {
      const text = (lines[i] ?? "").padEnd(SCREEN_WIDTH - 2);
      return `${inColour("│")} ${i === 0 ? paint.bold(text) : text} ${inColour("│")}`;
    });
    return [
      inColour(`╭─${title}${"─".repeat(SCREEN_WIDTH - title.length - 1)}╮`),
      ...rows,
      inColour(`╰${"─".repeat(SCREEN_WIDTH)}╯`),
    ];
  };
  return {
    paint,
    who: (name) => colour(name)(name) + " ".repeat("Alice".length - name.length),
    title: (text) => print("title", [paint.bold(text)], 0, PAUSE.tell),
    chapter(title) {
      const heading = `${++chapters}  ${title}`;
      const rule = "─".repeat(Math.max(0, WIDTH - heading.length - 1));
      return print("chapter", [`${paint.bold(heading)} ${paint.dim(rule)}`], 0, PAUSE.chapter);
    },
    tell: (text) => print("tell", [...wrap(text, WIDTH - 2).map((line) => `  ${line}`)], 0, PAUSE.tell),
    screens(screens) {
      const height = Math.max(...Object.values(screens).map((lines) => lines.length));
      const frames = Object.entries(screens).map(([name, lines]) => frame(name as Name, lines, height));
      const rows = frames[0]?.map((_, i) => `    ${frames.map((lines) => lines[i]).join("  ")}`) ?? [];
      return print("screens", rows, 0, PAUSE.screens);
    },
    facts: (...lines) =>
      print(
        "facts",
        lines.map((line) => `    ${line}`),
        PAUSE.line,
        0,
      ),
    checked: (text) => print("facts", [`    ${paint.good("✔")} ${text}`], PAUSE.line, 0),
  };
}
