import { apiName, balancerName } from "../domain/naming.ts";
import { type Begun, ownerIn } from "../domain/records.ts";
import { ensureEndpoint } from "../gateways/load-balancing.ts";
import { ensureAlias } from "../gateways/route53.ts";
import { getCluster, updateCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { networkOf, subnetIdsOf } from "../usecases/network.ts";

/** The load balancer of the API with the masters' fixed addresses as its targets, and a name for it if a zone is given. */
const createEndpoint = async ({ cluster: name, operation }: StepInput, begun: Begun): Promise<void> => {
  const cluster = await getCluster(table, name);
  const { plan, spec, hostedZoneId } = cluster;
  const { vpcId, apiGroupId } = networkOf(cluster);
  const internal = spec.apiLoadBalancerType === "internal";
  const owner = ownerIn(cluster, begun);
  const endpoint = await ensureEndpoint(owner, {
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
    await ensureAlias(owner, { hostedZoneId, name: apiName(name), target });
  }
  // Kubelets use the balancer's own name: it answers from the first moment, a new record may not.
  const { loadBalancerArn, targetGroupArn, dnsName: host } = endpoint;
  const record = { loadBalancerArn, targetGroupArn, host };
  const named = hostedZoneId === undefined ? record : { ...record, name: apiName(name) };
  await updateCluster(table, name, operation, { endpoint: named }, new Date());
};

export const handler = stepHandler("Create endpoint", table, StepInputSchema, createEndpoint);
