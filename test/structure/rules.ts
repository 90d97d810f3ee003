// The rules of the house that a program can hold: each takes sources and gives sentences that say what breaks it.
import { importsOf, resolveImport, type Sources, withoutComments } from "./sources.ts";

/**
 * The layers, from the one that knows nothing to the one that knows everything. A file imports from its own layer and
 * from earlier ones. Folders of src/, or single files for the first three. The same list is in spec/, "Layers".
 */
export const LAYERS: readonly string[] = [
  "bytes",
  "errors",
  "limits",
  "crypto",
  "wire",
  "profile",
  "dake",
  "ratchet",
  "smp",
  "session",
  "forge",
  "openpgp",
  "store",
  "carrier",
  "chat",
  "hosts",
  "cli",
];

/** Files beside the folders that only collect public names. They may import every layer but the command line. */
const ENTRIES: readonly string[] = ["index", "otr"];

/** Who may import what from outside: a package or scheme, and the paths below src/ that it is for. */
const PACKAGES: readonly (readonly [name: RegExp, places: readonly string[]])[] = [
  [/^@noble\//, ["crypto/", "store/sealing.ts"]],
  [/^better-sqlite3$/, ["store/sqlite-driver.ts"]],
  [/^openpgp$/, ["openpgp/", "hosts/", "cli/"]],
  [/^node:/, ["crypto/node.ts", "carrier/folder.ts", "store/", "hosts/", "cli/"]],
];

/** Layers that see the outside world; everything before them gets clock and randomness handed in. */
const IMPURE: readonly string[] = ["store", "carrier", "chat", "hosts", "cli"];

const WORLD: readonly RegExp[] = [
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bMath\.random\b/,
  /\bperformance\.now\b/,
  /\bset(?:Timeout|Interval|Immediate)\(/,
  /\bconsole\./,
  /\bprocess\./,
  /\bBuffer\./,
  /\bfetch\(/,
];

/** Files longer than 300 lines, with the reason why they cannot be cut. */
const LONG_FILES: ReadonlyMap<string, string> = new Map();

export type Rule = (sources: Sources) => readonly string[];

/** `src/wire/tlv.ts` is of layer `wire`, `src/bytes.ts` of layer `bytes`. */
function layerOf(path: string): string {
  return (path.split("/")[1] ?? "").replace(/\.ts$/, "");
}

/** Entries come after every layer they may import; what is in no list has no rank. */
function rankOf(path: string): number | undefined {
  const layer = layerOf(path);
  if (ENTRIES.includes(layer)) return LAYERS.indexOf("cli") - 0.5;
  const index = LAYERS.indexOf(layer);
  return index < 0 ? undefined : index;
}

export const everyFileHasALayer: Rule = (sources) =>
  [...sources.keys()].filter((path) => rankOf(path) === undefined).map((path) => `${path} is in no layer`);

export const noImportFromALaterLayer: Rule = (sources) =>
  edges(sources)
    .filter(({ from, to }) => (rankOf(to) ?? 0) > (rankOf(from) ?? 0))
    .map(({ from, to }) => `${from} imports ${to}, which is of a later layer`);

/** Entries are for applications: inside, the file itself is imported. The package root may hand on another entry. */
export const noImportOfAnEntry: Rule = (sources) =>
  edges(sources)
    .filter(({ from, to }) => ENTRIES.includes(layerOf(to)) && !ENTRIES.includes(layerOf(from)))
    .map(({ from, to }) => `${from} imports ${to}, which is for applications`);

export const everyImportIsReadable: Rule = (sources) =>
  [...sources].flatMap(([path, text]) =>
    importsOf(text).flatMap((specifier) => {
      if (specifier === undefined) return [`${path} computes what it imports`];
      const target = resolveImport(path, specifier);
      return target === undefined || sources.has(target) ? [] : [`${path} imports ${target}, which does not exist`];
    }),
  );

export const noCycle: Rule = (sources) => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges(sources)) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(" → "));
    if (start >= 0 || done.has(path)) return;
    for (const next of targets.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return cycles;
};

export const packagesInTheirPlace: Rule = (sources) =>
  [...sources].flatMap(([path, text]) =>
    importsOf(text)
      .filter((specifier) => specifier !== undefined)
      .filter((specifier) => resolveImport(path, specifier) === undefined && !mayImport(path, specifier))
      .map((specifier) => `${path} may not import ${specifier}`),
  );

function mayImport(path: string, specifier: string): boolean {
  return PACKAGES.some(([name, places]) => name.test(specifier) && places.some((at) => path.startsWith(`src/${at}`)));
}

export const pureBelowTheStore: Rule = (sources) =>
  [...sources]
    .filter(([path]) => !IMPURE.includes(layerOf(path)) && path !== "src/crypto/node.ts")
    .flatMap(([path, text]) => {
      const code = withoutComments(text);
      return WORLD.flatMap((pattern) => {
        const found = pattern.exec(code);
        return found === null ? [] : [`${path} uses ${found[0]}, which its layer gets handed in`];
      });
    });

export const noLongFile: Rule = (sources) =>
  [...sources]
    .filter(([path]) => !LONG_FILES.has(path))
    .map(([path, text]) => ({ path, lines: text.replace(/\n$/, "").split("\n").length }))
    .filter(({ lines }) => lines > 300)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than 300`);

export const noLongLine: Rule = (sources) =>
  [...sources].flatMap(([path, text]) =>
    text.split("\n").flatMap((line, i) => (line.length > 120 ? [`${path}:${i + 1} has ${line.length} columns`] : [])),
  );

export const nothingLeftToDo: Rule = (sources) =>
  [...sources].filter(([, text]) => /\b(?:TODO|FIXME|XXX)\b/.test(text)).map(([path]) => `${path} has a TODO`);

export const firstLineSaysWhatAndWhere: Rule = (sources) =>
  [...sources]
    .filter(([, text]) => {
      const [first, second] = text.split("\n");
      const line = first?.startsWith("#!") ? second : first;
      return line === undefined || !/^\/\/ [A-Z].*\bspec\/\d\d\b/.test(line);
    })
    .map(([path]) => `${path} does not begin with a comment that says what it is and names its section, spec/NN`);

/** A chapter and the titles of its sections, with or without their numbers. */
const REFERENCE = /\bspec\/(\d\d)\b(?!-)((?:,? (?:and )?(?:\d+(?:\.\d+)* )?"[^"\n]+")*)/g;

/** `spec/04, "Fragments"` must be a chapter of spec/ and a heading in it; several headings may follow one chapter. */
export const everyReferenceIsAHeading: Rule = (sources) =>
  [...sources].flatMap(([path, text]) =>
    [...unwrapped(text).matchAll(REFERENCE)].flatMap(([, chapter, titles]) => {
      const file = [...sources.keys()].find((name) => name.startsWith(`spec/${chapter}-`));
      if (file === undefined) return [`${path} refers to spec/${chapter}, which does not exist`];
      const headings = headingsOf(sources.get(file) ?? "");
      return [...(titles ?? "").matchAll(/"([^"]+)"/g)]
        .filter(([, title]) => !headings.has(title ?? ""))
        .map(([, title]) => `${path} refers to "${title}", which is no heading of ${file}`);
    }),
  );

/** The specification gives the layers in this order, each before the next: `bytes < errors < …`. */
export const specNamesTheLayers: Rule = (sources) =>
  [...sources.values()].some((text) => text.replaceAll(/\s+/g, " ").includes(LAYERS.join(" < ")))
    ? []
    : [`no chapter of spec/ says ${LAYERS.join(" < ")}`];

/** Comments that go on in the next line, on one line. */
function unwrapped(text: string): string {
  return text.replaceAll(/\n\s*(?:\/\/|\*) ?/g, " ");
}

/** Titles without their numbers, so that sections can be numbered or not: `## 4.2 Fragments` is "Fragments". */
function headingsOf(markdown: string): ReadonlySet<string> {
  const headings = markdown.matchAll(/^#{1,6} (?:\d+(?:\.\d+)*\.? )?(.+?)\s*$/gm);
  return new Set([...headings].map(([, title]) => (title ?? "").replaceAll("`", "")));
}

function edges(sources: Sources): readonly { readonly from: string; readonly to: string }[] {
  return [...sources].flatMap(([from, text]) =>
    importsOf(text).flatMap((specifier) => {
      const to = specifier === undefined ? undefined : resolveImport(from, specifier);
      return to === undefined ? [] : [{ from, to }];
    }),
  );
}
