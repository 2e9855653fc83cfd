import { elb } from "../../aws/load-balancing/client.ts";
import { ensureEndpoint } from "../../aws/load-balancing/load-balancing.ts";
import { route53 } from "../../aws/route53/client.ts";
import { ensureAlias } from "../../aws/route53/route53.ts";
import { apiName, balancerName } from "../../domain/cluster/naming.ts";
import { networkOf, subnetIdsOf } from "../../domain/cluster/recorded-network.ts";
import { type Begun, ownerIn } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";

const calls = { ...bind(elb, { ensureEndpoint }), ...bind(route53, { ensureAlias }) };

type Collaborators = Deps<typeof calls>;

/**
 * The load balancer of the API with the masters' fixed addresses as its targets, and a name for it if a zone is given.
 */
export async function createEndpoint(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const { plan, spec, hostedZoneId } = cluster;
  const { vpcId, apiGroupId } = networkOf(cluster);
  const internal = spec.apiLoadBalancerType === "internal";
  const owner = ownerIn(cluster, begun);
  const endpoint = await deps.aws.ensureEndpoint(owner, {
    vpcId,
    subnetIds: subnetIdsOf(
      cluster,
      // One is for machines, the other has the way to the internet; a public subnet is both.
      plan.subnets.filter(({ type }) => type !== (internal ? "utility" : "private")),
    ),
    scheme: internal ? "internal" : "internet-facing",
    securityGroupIds: apiGroupId === undefined ? [] : [apiGroupId],
    addresses: plan.members.map(({ address }) => address),
  });
  if (hostedZoneId !== undefined) {
    const target = { balancer: balancerName(owner), ...endpoint };
    await deps.aws.ensureAlias(owner, { hostedZoneId, name: apiName(name), target });
  }
  // Kubelets use the balancer's own name: it answers from the first moment, a new record may not.
  const { loadBalancerArn, targetGroupArn, dnsName: host } = endpoint;
  const record = { loadBalancerArn, targetGroupArn, host };
  const named = hostedZoneId === undefined ? record : { ...record, name: apiName(name) };
  await deps.store.updateCluster(name, operation, { endpoint: named }, deps.clock.now());
}

export const handler = stepHandler("Create endpoint", StepInput, createEndpoint, collaborators(calls));
