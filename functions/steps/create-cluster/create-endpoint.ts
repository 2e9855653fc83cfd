import { ensureEndpoint } from "../../aws/load-balancing/load-balancing.ts";
import { ensureAlias } from "../../aws/route53/route53.ts";
import { apiName, balancerName } from "../../domain/cluster/naming.ts";
import { networkOf, subnetIdsOf } from "../../domain/cluster/recorded-network.ts";
import { type Begun, ownerIn } from "../../domain/cluster/records.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, updateCluster } from "../../store/clusters.ts";

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
