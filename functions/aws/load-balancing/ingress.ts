import {
  type ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { kubernetesTag } from "../../domain/cluster/naming.ts";
import type { Ingress } from "../../domain/traffic/plan-traffic.ts";
import { collect } from "../common/aws-errors.ts";
import { tagsOf } from "./removal.ts";

/** Kubernetes' own cloud provider names the service in the first, the AWS Load Balancer Controller in the second. */
const SERVICE_TAGS = ["kubernetes.io/service-name", "service.k8s.aws/stack"] as const;

/** A cluster, and the VPC that its load balancers are in. */
export interface IngressOwner {
  readonly cluster: string;
  readonly vpcId: string;
}

/** The load balancers that the Kubernetes of these clusters made for services, by the names of the clusters. */
export async function findIngresses(
  elb: ElasticLoadBalancingV2Client,
  owners: readonly IngressOwner[],
): Promise<Map<string, Ingress[]>> {
  const vpcs = new Map(owners.map(({ vpcId, cluster }) => [vpcId, cluster]));
  const all = await collect(paginateDescribeLoadBalancers({ client: elb }, {}), ({ LoadBalancers }) => LoadBalancers);
  const candidates = all.filter(({ VpcId = "", State }) => vpcs.has(VpcId) && State?.Code !== "failed");
  const tags = await tagsOf(
    elb,
    candidates.map(({ LoadBalancerArn = "" }) => LoadBalancerArn),
  );
  const found = new Map<string, Ingress[]>();
  for (const { LoadBalancerArn = "", VpcId = "", DNSName = "", CanonicalHostedZoneId = "", Scheme } of candidates) {
    const cluster = vpcs.get(VpcId) ?? "";
    const own = tags.get(LoadBalancerArn) ?? {};
    const [service] = SERVICE_TAGS.flatMap((key) => own[key] ?? []);
    const isOfCluster = own[kubernetesTag(cluster)] === "owned" || own["elbv2.k8s.aws/cluster"] === cluster;
    if (service === undefined || !isOfCluster) continue;
    const ingress = {
      service,
      dnsName: DNSName.toLowerCase(),
      hostedZoneId: CanonicalHostedZoneId,
      isPublic: Scheme === "internet-facing",
    };
    found.set(cluster, [...(found.get(cluster) ?? []), ingress]);
  }
  return found;
}
