import { globSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import { SESSION_ROUTES } from "../functions/domain/api/session-routes.ts";
import { buildConsole } from "./build-console.ts";
import { openapiDocument } from "./openapi.ts";
import { shakeAwsSchemas } from "./shake.ts";

const ROOT = join(import.meta.dirname, "..");

/**
 * Where the bundles lie: `dist/functions/<name>/index.cjs`, handler `index.handler`. The stack deploys these folders.
 */
export const BUNDLES = join(ROOT, "dist", "functions");

/** Where each file of `functions/` is a Lambda, but for its test. */
const LAMBDAS = ["api/*.ts", "chat/handlers/*.ts", "events/*.ts", "steps/*/*.ts"];

const DEBUG = process.env["HOLDFAST_DEBUG"] !== undefined;

/** Every Lambda by name, which is its file's: `attach-volume` is functions/steps/place-master/attach-volume.ts. */
export function listFunctions(): { name: string; entry: string }[] {
  return globSync(LAMBDAS, { cwd: join(ROOT, "functions"), exclude: ["**/*.test.ts"] })
    .toSorted()
    .map((file) => ({ name: basename(file, ".ts"), entry: join(ROOT, "functions", file) }));
}

/**
 * Bundles every Lambda with the SDK commands that it uses and nothing else (docs/references/local-hosts.md#bundles):
 * CommonJS starts faster than ES modules, and the schemas of unused operations are shaken out.
 */
export async function buildFunctions(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: listFunctions().map(({ name, entry }) => ({ in: entry, out: join(name, "index") })),
    outdir: BUNDLES,
    write: false,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    // For a debugger (CONTRIBUTING.md): readable code that knows its sources.
    minify: !DEBUG,
    sourcemap: DEBUG ? "inline" : false,
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    loader: { ".sh": "text" },
    // A text in the bundle that serves it: nothing is made of schemas when a function starts.
    define: {
      OPENAPI_DOCUMENT: JSON.stringify(JSON.stringify(openapiDocument())),
      CONSOLE_FILES: JSON.stringify(await buildConsole()),
      CONSOLE_ROUTES: JSON.stringify(SESSION_ROUTES),
    },
    plugins: [shakeAwsSchemas],
    legalComments: "none",
    logLevel: "warning",
  });
  await Promise.all(outputFiles.map(({ path, contents }) => replace(path, contents)));
}

/** At once and only if it differs: another process may read the folder, or build into it too. */
async function replace(path: string, contents: Uint8Array): Promise<void> {
  const former = await readFile(path).catch(() => undefined);
  if (former?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const fresh = join(ROOT, "dist", `.${basename(dirname(path))}.${process.pid}`);
  await writeFile(fresh, contents);
  await rename(fresh, path);
}

if (import.meta.main) await buildFunctions();
