import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { ConsoleFile, ConsoleFiles } from "../functions/usecases/console/files.ts";
import { openapiDocument } from "./openapi.ts";

const ROOT = join(import.meta.dirname, "..");
const CONSOLE = join(ROOT, "console");

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Bundles the console; nothing of it is in the page itself, so that the policy of its content can forbid that. */
export async function buildConsole(): Promise<ConsoleFiles> {
  const { outputFiles } = await build({
    entryPoints: { main: join(CONSOLE, "main.tsx"), styles: join(CONSOLE, "styles/main.css") },
    outdir: join(ROOT, "dist/console/assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: ["chrome120", "firefox121", "safari17.4"],
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { SPEC_FIELDS: JSON.stringify(specFields()) },
    legalComments: "none",
    logLevel: "warning",
  });
  const icon = await readFile(join(CONSOLE, "icon.svg"));
  const hash = createHash("sha256").update(icon).digest("hex").slice(0, 8).toUpperCase();
  const assets = [
    ...outputFiles.map(({ path, contents }) => ({
      name: path.split("/").at(-1) ?? "",
      contents: Buffer.from(contents),
    })),
    { name: `icon-${hash}.svg`, contents: icon },
  ];
  const pathOf = (start: string) => {
    const found = assets.find(({ name }) => name.startsWith(`${start}-`));
    if (!found) throw new Error(`the console has no ${start}`);
    return `/console/assets/${found.name}`;
  };
  const page = (await readFile(join(CONSOLE, "index.html"), "utf8"))
    .replace("{{icon}}", pathOf("icon"))
    .replace("{{styles}}", pathOf("styles"))
    .replace("{{script}}", pathOf("main"));
  return Object.fromEntries([
    ["index.html", served("text/html; charset=utf-8", Buffer.from(page), false)],
    ...assets.map(({ name, contents }) => [
      `assets/${name}`,
      served(TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream", contents, true),
    ]),
  ]);
}

function served(type: string, contents: Buffer, immutable: boolean): ConsoleFile {
  const brotli = brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return {
    type,
    brotli: brotli.toString("base64"),
    gzip: gzipSync(contents, { level: 9 }).toString("base64"),
    immutable,
  };
}

/** What the form of a spec shows, out of the API's document: a field of the spec has one home. */
function specFields() {
  const { components } = openapiDocument();
  const spec: unknown = components?.schemas?.["Spec"];
  if (!isObject(spec) || !isObject(spec["properties"])) throw new Error("the document describes no spec");
  const required = Array.isArray(spec["required"]) ? spec["required"] : [];
  return Object.entries(spec["properties"])
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, schema]) => ({ name, required: required.includes(name), ...fieldOf(schema) }));
}

/** Taken so that documents written for kops work, or follows from other fields. */
const HIDDEN = new Set(["version", "cloud", "state", "region", "masterCount"]);

function fieldOf(schema: unknown) {
  if (!isObject(schema)) return { kind: "other", description: "" };
  const description = String(schema["description"] ?? "");
  const { type } = schema;
  if (Array.isArray(schema["enum"])) return { kind: "choice", description, choices: schema["enum"].map(String) };
  if (type === "array") return { kind: "list", description };
  if (type === "integer" || type === "number") return { kind: "number", description };
  const hasText = type === "string" || (Array.isArray(schema["anyOf"]) && schema["anyOf"].some(isText));
  return { kind: hasText ? "text" : "other", description };
}

function isText(schema: unknown): boolean {
  return isObject(schema) && schema["type"] === "string" && schema["enum"] === undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
