import { AwsError } from "./contract.ts";
import type { Service } from "./service.ts";
import type { SignatureError, SignatureProblem } from "./sigv4.ts";

type Answer = readonly [code: string, status: number];
const problems: Readonly<Record<"rest" | "json" | "ec2" | "s3", Readonly<Record<SignatureProblem, Answer>>>> = {
  rest: {
    missing: ["MissingAuthenticationToken", 403],
    incomplete: ["IncompleteSignature", 400],
    "unknown-key": ["InvalidClientTokenId", 403],
    "public-key": ["AccessDenied", 403],
    mismatch: ["SignatureDoesNotMatch", 403],
    expired: ["SignatureDoesNotMatch", 403],
  },
  json: {
    missing: ["MissingAuthenticationTokenException", 400],
    incomplete: ["IncompleteSignatureException", 400],
    "unknown-key": ["UnrecognizedClientException", 400],
    "public-key": ["AccessDeniedException", 403],
    mismatch: ["InvalidSignatureException", 400],
    expired: ["InvalidSignatureException", 400],
  },
  ec2: {
    missing: ["MissingAuthenticationToken", 403],
    incomplete: ["IncompleteSignature", 400],
    "unknown-key": ["AuthFailure", 401],
    "public-key": ["AuthFailure", 403],
    mismatch: ["AuthFailure", 401],
    expired: ["RequestExpired", 400],
  },
  s3: {
    missing: ["AccessDenied", 403],
    incomplete: ["AuthorizationHeaderMalformed", 400],
    "unknown-key": ["InvalidAccessKeyId", 403],
    "public-key": ["AccessDenied", 403],
    mismatch: ["SignatureDoesNotMatch", 403],
    expired: ["RequestTimeTooSkewed", 403],
  },
};

/** What a service answers to a request that it cannot authenticate: the names and statuses differ by protocol. */
export function authenticationError(service: Service, error: SignatureError): AwsError {
  const [code, status] = problems[familyOf(service)][error.problem];
  const isKeyProblem = error.problem === "unknown-key" || error.problem === "mismatch";
  const message =
    service.protocol === "ec2" && isKeyProblem
      ? "AWS was not able to validate the provided access credentials"
      : error.message;
  return new AwsError(code, message, { status });
}

function familyOf(service: Service): keyof typeof problems {
  if (service.signingName === "s3") return "s3";
  if (service.protocol === "ec2") return "ec2";
  return service.protocol === "json" || service.protocol === "restJson" ? "json" : "rest";
}
