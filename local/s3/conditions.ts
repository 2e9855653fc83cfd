import { s3Error } from "./errors.ts";
import type { StoredObject } from "./model.ts";

export interface WriteConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

export interface ReadConditions extends WriteConditions {
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

/** "Conditional writes" of the S3 user guide. @throws AwsError `PreconditionFailed`, `NoSuchKey` */
export function checkWrite({ IfMatch, IfNoneMatch }: WriteConditions, present: StoredObject | undefined): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== "*")
    throw s3Error.notEmulated("If-None-Match with anything but * on a write");
  if (IfNoneMatch !== undefined && present) throw s3Error.preconditionFailed();
  if (IfMatch === undefined) return;
  if (!present) throw s3Error.noSuchKey();
  if (!matches(IfMatch, present)) throw s3Error.preconditionFailed();
}

/** RFC 9110 §13, as S3 has it: tags count before dates. @throws AwsError `PreconditionFailed`, `NotModified` */
export function checkRead(conditions: ReadConditions, object: StoredObject): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  // HTTP's dates have whole seconds.
  const modified = Math.floor(object.lastModified / 1000) * 1000;
  if (IfMatch !== undefined && !matches(IfMatch, object)) throw s3Error.preconditionFailed();
  if (IfMatch === undefined && IfUnmodifiedSince && modified > IfUnmodifiedSince.getTime())
    throw s3Error.preconditionFailed();
  if (IfNoneMatch !== undefined && matches(IfNoneMatch, object)) throw s3Error.notModified();
  if (IfNoneMatch === undefined && IfModifiedSince && modified <= IfModifiedSince.getTime())
    throw s3Error.notModified();
}

function matches(tag: string, { etag }: StoredObject): boolean {
  return tag === "*" || tag.replaceAll('"', "") === etag;
}

export interface Range {
  readonly start: number;
  /** The last byte that belongs to it. */
  readonly end: number;
}

/** `bytes=0-9`, `bytes=5-`, `bytes=-5`; undefined where all is meant. @throws AwsError `InvalidRange` */
export function rangeOf(text: string | undefined, size: number): Range | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(text ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end || start >= size) throw s3Error.invalidRange();
  return { start, end };
}
