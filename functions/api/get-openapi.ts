import { createHash } from "node:crypto";
import { matchesAny } from "../domain/spec/spec-tag.ts";
import { httpHandler } from "../runtime/http-handler.ts";

/** The document of scripts/openapi.ts as text, which the bundler puts here (scripts/build.ts). */
declare const OPENAPI_DOCUMENT: string;

const etag = `"${createHash("sha256").update(OPENAPI_DOCUMENT).digest("hex").slice(0, 32)}"`;

/** `GET /openapi.json`: what this API is. Open to everybody, as it says nothing about anybody's clusters. */
export const handler = httpHandler(async (event) => {
  const headers = { etag, "cache-control": "public, max-age=300" };
  if (matchesAny(event.headers["if-none-match"], etag)) return { status: 304, headers };
  return { status: 200, headers, text: OPENAPI_DOCUMENT };
});
