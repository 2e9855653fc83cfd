import { AwsError, type CallContext } from "../wire/contract.ts";

/** Services whose protocol is one of forms or of REST with XML; they name these errors alike. */
const QUERY_SERVICES = new Set(["autoscaling", "elasticloadbalancing", "iam", "route53", "sts"]);

/** What a service answers to too many calls (docs/references/aws.md#throttling, #asg-quotas). */
export function throttlingError({ service }: CallContext): AwsError {
  if (service === "ec2") return new AwsError("RequestLimitExceeded", "Request limit exceeded.", { status: 503 });
  if (service === "lambda")
    return new AwsError("TooManyRequestsException", "Rate Exceeded.", {
      status: 429,
      fields: { Type: "User", Reason: "CallerRateLimitExceeded" },
    });
  if (service === "s3") return new AwsError("SlowDown", "Please reduce your request rate.", { status: 503 });
  if (QUERY_SERVICES.has(service)) return new AwsError("Throttling", "Rate exceeded");
  return new AwsError("ThrottlingException", "Rate exceeded");
}

/** What a service answers to a caller whose policies do not allow the operation. */
export function deniedError({ service, operation, principal }: CallContext): AwsError {
  const action = `${service}:${operation}`;
  const reason = `User: ${principal.arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
  if (service === "ec2")
    return new AwsError("UnauthorizedOperation", `You are not authorized to perform this operation. ${reason}`, {
      status: 403,
    });
  if (service === "s3" || QUERY_SERVICES.has(service)) return new AwsError("AccessDenied", reason, { status: 403 });
  return new AwsError("AccessDeniedException", reason);
}
