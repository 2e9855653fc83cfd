import { gunzipSync } from "node:zlib";
import { contentPolicy } from "../../domain/console/content-policy.ts";
import type { Reply } from "../../runtime/problems.ts";

/** A file of the console, compressed once and for all by scripts/build-console.ts. Bodies are base64. */
export interface ConsoleFile {
  readonly type: string;
  readonly brotli: string;
  readonly gzip: string;
  /** Its name has a hash of its content. */
  readonly immutable: boolean;
}

/** By their paths below `/console/`; `index.html` stands for every page. */
export type ConsoleFiles = Readonly<Record<string, ConsoleFile>>;

const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
  vary: "accept-encoding",
} as const;
const YEAR_S = 31_536_000;

/**
 * Every address that is no file is a page of the console, which finds its screen by the address. `origins` are those
 * that a page may ask beside its own.
 */
export function serveFile(
  files: ConsoleFiles,
  path: string,
  acceptEncoding = "",
  origins: readonly string[] = [],
): Reply {
  const always = { ...HEADERS, "content-security-policy": contentPolicy(origins) };
  const isAsset = path.startsWith("assets/");
  const file = Object.hasOwn(files, path) ? files[path] : isAsset ? undefined : files["index.html"];
  if (!file) return { status: 404, text: "", headers: { ...always, "cache-control": "no-store" } };
  const caching = file.immutable ? `public, max-age=${YEAR_S}, immutable` : "no-cache";
  const headers = { ...always, "content-type": file.type, "cache-control": caching };
  const encodings = acceptEncoding.split(",").map((each) => each.split(";")[0]?.trim());
  if (encodings.includes("br"))
    return { status: 200, headers: { ...headers, "content-encoding": "br" }, base64: file.brotli };
  if (encodings.includes("gzip"))
    return { status: 200, headers: { ...headers, "content-encoding": "gzip" }, base64: file.gzip };
  return { status: 200, headers, base64: gunzipSync(Buffer.from(file.gzip, "base64")).toString("base64") };
}
