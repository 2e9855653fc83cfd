import type { Range } from "./conditions.ts";
import { viewEncryption } from "./encryption.ts";
import type { Digest, StoredObject } from "./model.ts";

/** `ChecksumSHA256: …` and its type. */
export function viewChecksum({ checksum: { algorithm, value, type } }: Pick<Digest, "checksum">) {
  return { [`Checksum${algorithm}`]: value, ChecksumType: type };
}

/** What GetObject and HeadObject say of an object, or of a range of it. */
export function viewObject(object: StoredObject, input: { ChecksumMode?: string | undefined }, range?: Range) {
  const tagCount = Object.keys(object.tags).length;
  return {
    AcceptRanges: "bytes",
    LastModified: new Date(object.lastModified),
    ContentLength: range ? range.end - range.start + 1 : object.size,
    ETag: `"${object.etag}"`,
    ...object.headers,
    ContentType: object.headers.ContentType ?? "binary/octet-stream",
    Metadata: object.metadata,
    ...viewEncryption(object.encryption),
    ...(range && { ContentRange: `bytes ${range.start}-${range.end}/${object.size}` }),
    ...(tagCount > 0 && { TagCount: tagCount }),
    ...(object.partCount !== undefined && { PartsCount: object.partCount }),
    // The checksum is the whole object's: with a part of it nobody could compare it.
    ...(input.ChecksumMode === "ENABLED" && !range && viewChecksum(object)),
  };
}

export function viewTags(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
