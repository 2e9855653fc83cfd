import {
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  DeleteHealthCheckCommand,
  GetHealthCheckStatusCommand,
  type HealthCheckConfig,
  ListTagsForResourceCommand,
  type Route53Client,
} from "@aws-sdk/client-route-53";
import type { Owned } from "../../domain/ownership/ownership.ts";
import type { TrafficCheck } from "../../domain/traffic/traffic-records.ts";
import { call, ignoring, present } from "../common/aws-errors.ts";
import { fromTags, toTags } from "../ec2/client.ts";

export interface HealthCheckRequest {
  /** At most 64 characters. The same reference and settings again give the check that there is. */
  readonly reference: string;
  readonly check: TrafficCheck;
  /** The load balancer's own name, at which the check asks. */
  readonly dnsName: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Above that share of checkers, an endpoint is healthy (docs/references/aws.md#route53-health-checks). */
const HEALTHY_SHARE = 0.18;

/** Returns the id. Checks are tagged once they are there: CreateHealthCheck takes no tags. */
export async function ensureHealthCheck(route53: Route53Client, request: HealthCheckRequest): Promise<string> {
  const { reference: CallerReference, tags } = request;
  const { HealthCheck } = await call(
    route53.send(new CreateHealthCheckCommand({ CallerReference, HealthCheckConfig: configOf(request) })),
  );
  const id = present(HealthCheck?.Id, "the id of a health check");
  await call(
    route53.send(
      new ChangeTagsForResourceCommand({ ResourceType: "healthcheck", ResourceId: id, AddTags: toTags(tags) }),
    ),
  );
  return id;
}

/** Three failures, 30 seconds apart: `RequestInterval` cannot be changed later. */
function configOf({ check: { protocol, port, path }, dnsName }: HealthCheckRequest): HealthCheckConfig {
  const where = { FullyQualifiedDomainName: dnsName, Port: port, RequestInterval: 30, FailureThreshold: 3 };
  if (protocol === "tcp") return { Type: "TCP", ...where };
  const asked = { ...where, ResourcePath: path ?? "/" };
  return protocol === "https" ? { Type: "HTTPS", ...asked, EnableSNI: true } : { Type: "HTTP", ...asked };
}

/** Undefined if there is no such check. */
export async function healthCheckTags(
  route53: Route53Client,
  id: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const answer = await ignoring(
    ["NoSuchHealthCheck"],
    route53.send(new ListTagsForResourceCommand({ ResourceType: "healthcheck", ResourceId: id })),
  );
  return answer && fromTags(answer.ResourceTagSet?.Tags);
}

/** Whether its endpoint is healthy now; undefined before the first results, and if there is no such check. */
export async function isHealthCheckHealthy(route53: Route53Client, id: string): Promise<boolean | undefined> {
  const answer = await ignoring(
    ["NoSuchHealthCheck"],
    route53.send(new GetHealthCheckStatusCommand({ HealthCheckId: id })),
  );
  const reports = (answer?.HealthCheckObservations ?? []).map(({ StatusReport }) => StatusReport?.Status ?? "");
  if (reports.length === 0) return undefined;
  const healthy = reports.filter((status) => status.startsWith("Success"));
  return healthy.length / reports.length > HEALTHY_SHARE;
}

/** Its records must be gone before: those of a deleted check behave unpredictably. */
export async function deleteHealthCheck(route53: Route53Client, { id }: Owned<"health-check">): Promise<void> {
  await ignoring(["NoSuchHealthCheck"], route53.send(new DeleteHealthCheckCommand({ HealthCheckId: id })));
}
