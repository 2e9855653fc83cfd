import type * as s3 from "@aws-sdk/client-s3";
import type { Handlers } from "../wire/contract.ts";
import type { Buckets } from "./buckets.ts";
import { s3Error } from "./errors.ts";
import type { StoredObject } from "./model.ts";

/** The most that one answer has. */
const MAX_KEYS = 1000;

type Entry = { readonly object: StoredObject } | { readonly prefix: string };

interface Position {
  /** The last key, or common prefix, of the page before. */
  readonly after: string;
  readonly isPrefix: boolean;
}

export function listHandlers({
  buckets,
  owner,
}: {
  readonly buckets: Buckets;
  readonly owner: s3.Owner;
}): Handlers<typeof s3> {
  return {
    ListObjects: (input) => {
      const { Prefix = "", Delimiter, Marker, EncodingType } = input;
      const limit = Math.min(input.MaxKeys ?? MAX_KEYS, MAX_KEYS);
      const from = Marker && { after: Marker, isPrefix: Delimiter !== undefined && Marker.endsWith(Delimiter) };
      const all = entries(buckets.get(input.Bucket).objects(), Prefix, Delimiter, from || undefined);
      const { page, isTruncated, text, contents, prefixes } = viewPage(all, limit, EncodingType);
      const [last] = page.slice(-1).map((entry) => ("object" in entry ? entry.object.key : entry.prefix));
      return {
        ...{ Name: input.Bucket, Prefix: text(Prefix), Marker: text(Marker ?? ""), MaxKeys: limit },
        IsTruncated: isTruncated,
        ...(Delimiter !== undefined && { Delimiter }),
        ...(EncodingType !== undefined && { EncodingType }),
        // Without a delimiter the last key is the next marker.
        ...(isTruncated && Delimiter !== undefined && last !== undefined && { NextMarker: text(last) }),
        ...(contents.length > 0 && { Contents: contents.map((each) => ({ ...each, Owner: owner })) }),
        ...(prefixes.length > 0 && { CommonPrefixes: prefixes }),
      };
    },
    ListObjectsV2: (input) => {
      const { Prefix = "", Delimiter, StartAfter, ContinuationToken, EncodingType } = input;
      const limit = Math.min(input.MaxKeys ?? MAX_KEYS, MAX_KEYS);
      const from = ContinuationToken === undefined ? startAfter(StartAfter) : readToken(ContinuationToken);
      const all = entries(buckets.get(input.Bucket).objects(), Prefix, Delimiter, from);
      const { page, isTruncated, text, contents, prefixes } = viewPage(all, limit, EncodingType);
      return {
        Name: input.Bucket,
        Prefix: text(Prefix),
        MaxKeys: limit,
        KeyCount: page.length,
        IsTruncated: isTruncated,
        ...(Delimiter !== undefined && { Delimiter }),
        ...(StartAfter !== undefined && { StartAfter }),
        ...(EncodingType !== undefined && { EncodingType }),
        ...(ContinuationToken !== undefined && { ContinuationToken }),
        ...(isTruncated && { NextContinuationToken: tokenAfter(page.at(-1)) }),
        ...(contents.length > 0 && { Contents: contents }),
        ...(prefixes.length > 0 && { CommonPrefixes: prefixes }),
      };
    },
  };
}

function viewPage(all: readonly Entry[], limit: number, encoding: string | undefined) {
  const page = all.slice(0, limit);
  const text = (key: string) => (encoding === "url" ? encodeKey(key) : key);
  return {
    page,
    text,
    isTruncated: page.length > 0 && all.length > page.length,
    contents: page.flatMap((entry) => ("object" in entry ? [viewEntry(entry.object, text)] : [])),
    prefixes: page.flatMap((entry) => ("prefix" in entry ? [{ Prefix: text(entry.prefix) }] : [])),
  };
}

/** Objects, and in place of all whose keys continue with the delimiter after the prefix one common prefix. */
function entries(
  objects: readonly StoredObject[],
  prefix: string,
  delimiter: string | undefined,
  from: Position | undefined,
): Entry[] {
  const found: Entry[] = [];
  let last: string | undefined = from?.isPrefix ? from.after : undefined;
  for (const object of objects) {
    const { key } = object;
    if (!key.startsWith(prefix) || (from && Buffer.compare(Buffer.from(key), Buffer.from(from.after)) <= 0)) continue;
    const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const common = end < 0 ? undefined : key.slice(0, end + (delimiter ?? "").length);
    if (common === undefined) found.push({ object });
    else if (common !== last) found.push({ prefix: common });
    last = common ?? last;
  }
  return found;
}

function viewEntry(object: StoredObject, text: (key: string) => string): s3._Object {
  return {
    Key: text(object.key),
    LastModified: new Date(object.lastModified),
    ETag: `"${object.etag}"`,
    Size: object.size,
    StorageClass: "STANDARD",
    ChecksumAlgorithm: [object.checksum.algorithm],
    ChecksumType: object.checksum.type,
  };
}

function startAfter(key: string | undefined): Position | undefined {
  return key === undefined ? undefined : { after: key, isPrefix: false };
}

function tokenAfter(entry: Entry | undefined): string | undefined {
  if (!entry) return undefined;
  const text = "object" in entry ? `k${entry.object.key}` : `p${entry.prefix}`;
  return Buffer.from(text).toString("base64url");
}

function readToken(token: string): Position {
  const [, kind, after = ""] = /^([kp])(.+)$/s.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (kind === undefined) throw s3Error.invalidArgument("The continuation token provided is incorrect");
  return { after, isPrefix: kind === "p" };
}

/** As in a query, but that slashes stay. */
function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");
}
