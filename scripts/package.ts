// One of the packages that are bundled by themselves asks for it as soon as it is loaded.
import "reflect-metadata";
import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { buildProgram } from "../client/grammar/program.ts";
import { lazyModules } from "./package/lazy-modules.ts";

const ROOT = join(import.meta.dirname, "..");
/** What npm packs. */
const FOLDER = join(ROOT, "dist", "package");
const NODE_NEEDED = 22;

/** Most commands use none of these, or few. Together they take longer to load than everything else. */
const LAZY = [
  ...["functions/domain/api/views.ts", "functions/domain/plan/plan-types.ts", "functions/domain/spec/spec.ts"].map(
    (path) => join(ROOT, path),
  ),
  "@aws-sdk/credential-provider-node",
  "@peculiar/x509",
  "@smithy/signature-v4",
  "cli-table3",
  "node:child_process",
  "node:crypto",
  "yaml",
];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/** `npm run package`: the command line as a package for `npm install --global`. Prints the tarball's path. */
async function main(): Promise<void> {
  const manifest: Manifest = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const bundled = await bundle(manifest.version);
  await writeLauncher();
  await writeFile(join(FOLDER, "package.json"), `${JSON.stringify(packageJson(manifest), null, 2)}\n`);
  await writeFile(join(FOLDER, "THIRD-PARTY-LICENSES"), await licensesOf(bundled));
  await copyFile(join(ROOT, "LICENSE"), join(FOLDER, "LICENSE"));
  await copyFile(join(import.meta.dirname, "package", "README.md"), join(FOLDER, "README.md"));
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", join(ROOT, "dist"), FOLDER], {
    encoding: "utf8",
  });
  const [{ filename }]: [{ filename: string }] = JSON.parse(packed);
  console.log(join(ROOT, "dist", filename));
}

/** Everything in one file, `main.cjs`: CommonJS, which starts faster than ES modules. The files that are in it. */
async function bundle(version: string): Promise<readonly string[]> {
  const files: string[] = [];
  const { metafile } = await build({
    entryPoints: [join(ROOT, "cli", "main.ts")],
    outfile: join(FOLDER, "main.cjs"),
    bundle: true,
    // Names stay, so that a stack trace can be read; they cost nothing measurable.
    minifyWhitespace: true,
    minifySyntax: true,
    metafile: true,
    platform: "node",
    target: `node${NODE_NEEDED}`,
    format: "cjs",
    mainFields: ["module", "main"],
    define: { PACKAGED_VERSION: JSON.stringify(version) },
    plugins: [lazyModules(LAZY, (bundled) => files.push(...bundled))],
    legalComments: "none",
    // The code of a checkout has it, which `define` makes unreachable.
    logOverride: { "empty-import-meta": "silent" },
    logLevel: "warning",
  });
  return [...files, ...Object.keys(metafile.inputs)];
}

async function writeLauncher(): Promise<void> {
  const commands = buildProgram({ command: () => {}, write: () => {} }).commands.map((command) => command.name());
  const source = await readFile(join(import.meta.dirname, "package", "holdfast.cjs"), "utf8");
  const { code } = await transform(source, { define: { COMMANDS: JSON.stringify(["complete", ...commands]) } });
  const file = join(FOLDER, "holdfast.cjs");
  await writeFile(file, code);
  await chmod(file, 0o755);
}

function packageJson({ name, version, description, license }: Manifest) {
  return {
    ...{ name, version, description, license },
    bin: { holdfast: "holdfast.cjs" },
    engines: { node: `>=${NODE_NEEDED}` },
    files: ["holdfast.cjs", "main.cjs", "THIRD-PARTY-LICENSES"],
  };
}

/** The licenses of all packages in the bundle, which must go with copies of them. */
async function licensesOf(files: readonly string[]): Promise<string> {
  const folders = files.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const texts = [...new Set(folders)].toSorted().map(async (folder) => {
    return `${folder.replace(/^.*node_modules\//, "")}\n\n${(await licenseOf(join(ROOT, folder))).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

/** The text; where a package has none, the name. */
async function licenseOf(folder: string): Promise<string> {
  const [file] = globSync("{LICENSE,LICENCE,license}*", { cwd: folder });
  if (file !== undefined) return readFile(join(folder, file), "utf8");
  const manifest: Manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return `License: ${manifest.license}`;
}

await main();
