import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type * as s3 from "@aws-sdk/client-s3";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Bucket } from "./bucket.ts";
import { ALGORITHMS, type Algorithm, compositeChecksum } from "./checksums.ts";
import { checkWrite } from "./conditions.ts";
import { describe } from "./description.ts";
import { viewEncryption } from "./encryption.ts";
import { s3Error } from "./errors.ts";
import type { Part, Upload } from "./model.ts";
import { asStored, keyOf, type ObjectParts, putIfAllowed } from "./object-handlers.ts";
import { viewChecksum } from "./object-views.ts";
import { receive } from "./receive.ts";

/** Of every part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;

export function multipartHandlers(parts: ObjectParts): Handlers<typeof s3> {
  return { ...partHandlers(parts), ...listHandlers(parts), ...endHandlers(parts) };
}

function partHandlers({ buckets, keys, clock }: ObjectParts): Handlers<typeof s3> {
  return {
    CreateMultipartUpload: (input) => {
      const bucket = buckets.get(input.Bucket);
      const algorithm = ALGORITHMS.find((each) => each === input.ChecksumAlgorithm) ?? "CRC64NVME";
      const upload: Upload = {
        ...describe(bucket.settings.encryption, input, keys),
        id: randomBytes(32).toString("base64url"),
        key: keyOf(input.Key),
        initiatedAt: clock.now(),
        algorithm,
        checksumType: checksumTypeOf(algorithm, input.ChecksumType),
        parts: [],
      };
      bucket.keepUpload(upload);
      return {
        ...{ Bucket: bucket.name, Key: upload.key, UploadId: upload.id },
        ...{ ChecksumAlgorithm: algorithm, ChecksumType: upload.checksumType },
        ...viewEncryption(upload.encryption),
      };
    },
    UploadPart: async (input) => {
      const bucket = buckets.get(input.Bucket);
      const { algorithm } = uploadOf(bucket, input);
      const number = input.PartNumber ?? 0;
      if (number < 1 || number > MAX_PARTS)
        throw s3Error.invalidArgument(`Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`);
      const received = await receive(bucket, input, algorithm);
      // Others may have brought their parts meanwhile.
      const upload = bucket.findUpload(input.UploadId ?? "");
      if (!upload) bucket.dropFile(received.file);
      if (!upload) throw s3Error.noSuchUpload();
      const part = { ...asStored(received, upload.encryption), number, lastModified: clock.now() };
      const former = upload.parts.find((each) => each.number === number);
      const others = upload.parts.filter((each) => each !== former);
      bucket.keepUpload({ ...upload, parts: [...others, part].toSorted((a, b) => a.number - b.number) });
      if (former) bucket.dropFile(former.file);
      return { ETag: `"${part.etag}"`, ...onlyChecksum(part), ...viewEncryption(upload.encryption) };
    },
  };
}

function listHandlers({ buckets }: ObjectParts): Handlers<typeof s3> {
  return {
    ListParts: (input) => {
      const upload = uploadOf(buckets.get(input.Bucket), input);
      const marker = Number(input.PartNumberMarker ?? 0);
      const limit = Math.min(input.MaxParts ?? 1000, 1000);
      const rest = upload.parts.filter(({ number }) => number > marker);
      const page = rest.slice(0, limit);
      return {
        ...{ Bucket: input.Bucket, Key: upload.key, UploadId: upload.id, MaxParts: limit },
        ...{ PartNumberMarker: String(marker), IsTruncated: rest.length > page.length },
        ...(page.length > 0 && { NextPartNumberMarker: String(page.at(-1)?.number), Parts: page.map(viewPart) }),
        ...{ ChecksumAlgorithm: upload.algorithm, ChecksumType: upload.checksumType, StorageClass: "STANDARD" },
      };
    },
    ListMultipartUploads: (input) => {
      const uploads = buckets
        .get(input.Bucket)
        .uploads()
        .filter(({ key }) => key.startsWith(input.Prefix ?? ""));
      const views = uploads.map(({ id, key, initiatedAt }) => ({
        ...{ UploadId: id, Key: key, Initiated: new Date(initiatedAt) },
      }));
      return { Bucket: input.Bucket, IsTruncated: false, ...(views.length > 0 && { Uploads: views }) };
    },
  };
}

function endHandlers({ buckets, clock }: ObjectParts): Handlers<typeof s3> {
  return {
    CompleteMultipartUpload: async (input) => {
      const bucket = buckets.get(input.Bucket);
      const upload = uploadOf(bucket, input);
      const parts = chosenParts(upload, input.MultipartUpload?.Parts ?? []);
      checkWrite(input, bucket.find(upload.key));
      const joined = await receive(bucket, { Body: joinedContent(bucket, parts) }, upload.algorithm);
      const { id: _, parts: __, initiatedAt: ___, algorithm, checksumType, ...description } = upload;
      const value = compositeChecksum(
        algorithm,
        parts.map(({ checksum }) => checksum.value),
      );
      const object = {
        ...description,
        ...asStored({ ...joined, etag: compositeTag(parts) }, upload.encryption),
        ...(checksumType === "COMPOSITE" && { checksum: { algorithm, value, type: checksumType } }),
        ...{ lastModified: clock.now(), partCount: parts.length },
      };
      putIfAllowed(bucket, object, () => {
        uploadOf(bucket, input);
        checkWrite(input, bucket.find(upload.key));
      });
      bucket.removeUpload(upload);
      return {
        ...{ Bucket: bucket.name, Key: object.key, ETag: `"${object.etag}"` },
        Location: `https://${bucket.name}.s3.amazonaws.com/${object.key}`,
        ...viewChecksum(object),
        ...viewEncryption(object.encryption),
      };
    },
    AbortMultipartUpload: (input) => {
      const bucket = buckets.get(input.Bucket);
      bucket.removeUpload(uploadOf(bucket, input));
      return {};
    },
  };
}

/** @throws AwsError `NoSuchUpload` */
function uploadOf(bucket: Bucket, input: { Key?: string | undefined; UploadId?: string | undefined }): Upload {
  const upload = bucket.findUpload(input.UploadId ?? "");
  if (!upload || upload.key !== input.Key) throw s3Error.noSuchUpload();
  return upload;
}

/** @throws AwsError `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`, `MalformedXML` */
function chosenParts(upload: Upload, asked: readonly s3.CompletedPart[]): Part[] {
  if (asked.length === 0) throw new AwsError("MalformedXML", "The XML you provided was not well-formed");
  if (asked.some(({ PartNumber = 0 }, index) => index > 0 && PartNumber <= (asked[index - 1]?.PartNumber ?? 0)))
    throw new AwsError("InvalidPartOrder", "The list of parts was not in ascending order.");
  const parts = asked.map((wanted) => {
    const part = upload.parts.find(({ number }) => number === wanted.PartNumber);
    const claimed = wanted[`Checksum${upload.algorithm}`];
    const isSame = part?.etag === wanted.ETag?.replaceAll('"', "") && (claimed ?? part?.checksum.value);
    if (part && isSame === part.checksum.value) return part;
    const message = "One or more of the specified parts could not be found, or its tag does not match.";
    throw new AwsError("InvalidPart", message);
  });
  if (parts.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES))
    throw new AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  return parts;
}

function joinedContent(bucket: Bucket, parts: readonly Part[]): Readable {
  return Readable.from(
    (async function* () {
      for (const { file } of parts) yield* createReadStream(bucket.pathOf(file));
    })(),
  );
}

/** The MD5 of the parts' MD5s, and how many they are. */
function compositeTag(parts: readonly Part[]): string {
  const md5 = createHash("md5");
  for (const { etag } of parts) md5.update(Buffer.from(etag, "hex"));
  return `${md5.digest("hex")}-${parts.length}`;
}

/** SHA checksums of a whole cannot be made from those of its parts; those of NVME are never anything else. */
function checksumTypeOf(algorithm: Algorithm, asked: string | undefined): Upload["checksumType"] {
  const byDefault = algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
  const wanted = asked === "FULL_OBJECT" || asked === "COMPOSITE" ? asked : byDefault;
  const isPossible = algorithm === "CRC64NVME" ? wanted === "FULL_OBJECT" : true;
  if (!isPossible || (algorithm.startsWith("SHA") && wanted === "FULL_OBJECT"))
    throw s3Error.invalidRequest(
      `The ${wanted} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  return wanted;
}

function onlyChecksum({ checksum: { algorithm, value } }: Part) {
  return { [`Checksum${algorithm}`]: value };
}

function viewPart(part: Part): s3.Part {
  return {
    ...{ PartNumber: part.number, Size: part.size, ETag: `"${part.etag}"` },
    LastModified: new Date(part.lastModified),
    ...onlyChecksum(part),
  };
}
