import { createHash } from "node:crypto";
import type { ClusterRecord } from "../cluster/records.ts";

/**
 * ETag of what is asked of a cluster: another one as soon as the spec is another, whoever observes what meanwhile. A
 * cluster made again under an old name has another one, too.
 */
export function specTag({ uid, spec }: Pick<ClusterRecord, "uid" | "spec">): string {
  return tagOf(`${uid}\n${canonical(spec)}`);
}

/** ETag of an answer: another one as soon as anything in it is another. */
export function bodyTag(body: unknown): string {
  return tagOf(canonical(body));
}

function tagOf(text: string): string {
  return `"${createHash("sha256").update(text).digest("hex").slice(0, 32)}"`;
}

/** JSON with sorted keys: a table gives the keys of a map in any order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Does an `If-Match` header let a request about this spec pass? `*` and no header always do (RFC 9110 §13.1.1). */
export function matchesTag(ifMatch: string | undefined, tag: string): boolean {
  return ifMatch === undefined || ifMatch.split(",").some((given) => given.trim() === "*" || given.trim() === tag);
}

/** Does an `If-None-Match` header say that this is known already? Without one nothing is (RFC 9110 §13.1.2). */
export function matchesAny(ifNoneMatch: string | undefined, tag: string): boolean {
  return (
    ifNoneMatch?.split(",").some((given) => given.trim() === "*" || given.trim().replace(/^W\//, "") === tag) ?? false
  );
}
