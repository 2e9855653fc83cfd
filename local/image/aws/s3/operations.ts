import { createReadStream, createWriteStream, statSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  ChecksumAlgorithm,
  ChecksumMode,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  ServerSideEncryption,
} from "@aws-sdk/client-s3";
import { type ClientSettings, type OperationInput, oneOf, textOf } from "../client-settings.ts";
import type { Operation } from "../operations.ts";
import type { ParameterTable } from "../parameters.ts";

const OBJECT = { "--bucket": "string", "--key": "string" } as const satisfies ParameterTable;

/** Operations of S3 that a script on a host may call. */
export const S3_OPERATIONS: Readonly<Record<string, Operation>> = {
  "s3api put-object": {
    name: "PutObject",
    parameters: {
      ...OBJECT,
      ...{ "--body": "string", "--content-type": "string", "--metadata": "string", "--if-none-match": "string" },
      ...{ "--checksum-algorithm": "string", "--server-side-encryption": "string", "--ssekms-key-id": "string" },
    },
    call: putObject,
  },
  "s3api get-object": {
    name: "GetObject",
    parameters: { ...OBJECT, "--range": "string", "--if-match": "string", "--checksum-mode": "string" },
    outfile: true,
    call: getObject,
  },
  "s3api head-object": {
    name: "HeadObject",
    parameters: { ...OBJECT, "--checksum-mode": "string" },
    call: (settings, input) => new S3Client(settings).send(new HeadObjectCommand({ ...where(input), ...mode(input) })),
  },
  "s3api delete-object": {
    name: "DeleteObject",
    parameters: OBJECT,
    call: (settings, input) => new S3Client(settings).send(new DeleteObjectCommand(where(input))),
  },
  "s3api list-objects-v2": {
    name: "ListObjectsV2",
    parameters: { "--bucket": "string", "--prefix": "string" },
    call: (settings, input) =>
      new S3Client(settings).send(
        new ListObjectsV2Command({ Bucket: textOf(input["Bucket"]), Prefix: textOf(input["Prefix"]) }),
      ),
  },
};

function putObject(settings: ClientSettings, input: OperationInput) {
  const file = textOf(input["Body"]);
  const body = file === "" ? {} : { Body: createReadStream(file), ContentLength: statSync(file).size };
  return new S3Client(settings).send(
    new PutObjectCommand({
      ...where(input),
      ...body,
      Metadata: pairs(textOf(input["Metadata"])),
      ContentType: optional(input["ContentType"]),
      IfNoneMatch: optional(input["IfNoneMatch"]),
      ChecksumAlgorithm: oneOf(ChecksumAlgorithm, input["ChecksumAlgorithm"]),
      ServerSideEncryption: oneOf(ServerSideEncryption, input["ServerSideEncryption"]),
      SSEKMSKeyId: optional(input["SsekmsKeyId"]),
    }),
  );
}

async function getObject(settings: ClientSettings, input: OperationInput): Promise<object> {
  const command = new GetObjectCommand({
    ...{ ...where(input), ...mode(input) },
    ...{ Range: optional(input["Range"]), IfMatch: optional(input["IfMatch"]) },
  });
  const { Body, ...answer } = await new S3Client(settings).send(command);
  await pipeline(Body instanceof Readable ? Body : Readable.from([]), createWriteStream(textOf(input["outfile"])));
  return answer;
}

function where(input: OperationInput): { Bucket: string; Key: string } {
  return { Bucket: textOf(input["Bucket"]), Key: textOf(input["Key"]) };
}

function mode(input: OperationInput): { ChecksumMode?: ChecksumMode } {
  const ChecksumModeGiven = oneOf(ChecksumMode, input["ChecksumMode"]);
  return ChecksumModeGiven ? { ChecksumMode: ChecksumModeGiven } : {};
}

function optional(value: unknown): string | undefined {
  return textOf(value) || undefined;
}

/** The CLI's shorthand of a map: `a=1,b=2`. */
export function pairs(text: string): Record<string, string> {
  const entries = text.split(",").filter((each) => each.includes("="));
  return Object.fromEntries(
    entries.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]),
  );
}
