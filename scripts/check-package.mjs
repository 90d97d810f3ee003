// Looks at the package as its users get it: packs it, has publint and attw read the tarball, installs it into an empty
// project, and there imports every subpath, compiles against its types and runs its command.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const modules = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith(".json"))
  .map((path) => manifest.name + path.slice(1));
const temporary = mkdtempSync(join(tmpdir(), "sottovoce-package-"));

function run(title, command, args, cwd = ".") {
  console.log(`\n— ${title}`);
  const { status } = spawnSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`the package check failed at: ${title}`);
}

/** A project of a careful user: strict, and looking into the declarations of what it imports. */
function writeProject(folder) {
  mkdirSync(folder);
  const write = (file, content) => writeFileSync(join(folder, file), content);
  const json = (value) => JSON.stringify(value, null, 2);
  const imports = modules.map((name, i) => `import * as m${i} from "${name}";\n`).join("");
  const counts = modules.map((name, i) => `count("${name}", m${i});\n`).join("");
  write("package.json", json({ name: "user", private: true, type: "module" }));
  write(
    "import.mjs",
    `${imports}
function count(name, module) {
  const names = Object.keys(module);
  if (names.length === 0) throw new Error(name + " exports nothing");
  console.log(name + ": " + names.length + " names");
}
${counts}`,
  );
  write("types.ts", `${imports}export const all = [${modules.map((_, i) => `m${i}`).join(", ")}];\n`);
  const compilerOptions = { module: "nodenext", target: "es2022", strict: true, noEmit: true, types: [] };
  write("tsconfig.json", json({ compilerOptions, files: ["types.ts"] }));
}

try {
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", temporary], { encoding: "utf8" });
  const [{ filename, files, size }] = JSON.parse(packed);
  console.log(`${filename}: ${files.length} files, ${Math.round(size / 1024)} KiB packed`);
  const tarball = join(temporary, filename);

  run("publint", "npx", ["publint", "--strict", tarball]);
  run("attw: the types resolve", "npx", ["attw", tarball, "--profile", "esm-only"]);

  const project = join(temporary, "project");
  writeProject(project);
  run("install into an empty project", "npm", ["install", "--prefer-offline", "--no-save", tarball], project);
  run("import every subpath", "node", ["import.mjs"], project);
  run("the types hold for a strict user", "npx", ["tsc", "-p", project]);
  run("the command", join(project, "node_modules", ".bin", "sottovoce"), ["--help"], project);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
