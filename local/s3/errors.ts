import { AwsError } from "../wire/contract.ts";

/** Errors of Amazon S3 ("Error responses" of its API reference), with their statuses. */
export const s3Error = {
  noSuchBucket: () => new AwsError("NoSuchBucket", "The specified bucket does not exist", { status: 404 }),
  noSuchKey: () => new AwsError("NoSuchKey", "The specified key does not exist.", { status: 404 }),
  noSuchUpload: () =>
    new AwsError(
      "NoSuchUpload",
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
      { status: 404 },
    ),
  accessDenied: () => new AwsError("AccessDenied", "Access Denied", { status: 403 }),
  preconditionFailed: () =>
    new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
      status: 412,
    }),
  notModified: () => new AwsError("NotModified", "Not Modified", { status: 304 }),
  invalidRange: () => new AwsError("InvalidRange", "The requested range is not satisfiable", { status: 416 }),
  badDigest: (what: string) =>
    new AwsError("BadDigest", `The ${what} you specified did not match the calculated checksum.`),
  invalidRequest: (message: string) => new AwsError("InvalidRequest", message),
  invalidArgument: (message: string) => new AwsError("InvalidArgument", message),
  notEmulated: (what: string) =>
    new AwsError("NotImplemented", `${what} is not emulated by the local cloud.`, { status: 501 }),
  kmsKeyNotFound: (key: string) => new AwsError("KMS.NotFoundException", `Key '${key}' does not exist`),
} as const;
