import type { EC2Client } from "@aws-sdk/client-ec2";
import { DescribeInstancesCommand, DescribeNatGatewaysCommand, paginateDescribeTags } from "@aws-sdk/client-ec2";
import { kubernetesTag, TAG } from "../../domain/cluster/naming.ts";
import { isKept, type NamedResource } from "../../domain/ownership/name-conflicts.ts";
import { call, collect } from "../common/aws-errors.ts";

/** As many values as one filter takes. */
const VALUES = 200;

/**
 * What EC2 has with Kubernetes' tag of a cluster of this name, and whose of ours each is: one call where there is nothing. A
 * cluster of kops or EKS has security groups and interfaces there, so load balancers need not be asked for.
 */
export async function findNameConflicts(ec2: EC2Client, cluster: string): Promise<NamedResource[]> {
  const found = (await listTags(ec2, kubernetesTag(cluster))).filter(({ type }) => !isKept(type));
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const [uids, gone] = await Promise.all([
    inChunks(ids, async (some) => (await listTags(ec2, TAG.uid, some)).map(({ id, value }) => [id, value] as const)),
    goneOf(ec2, found),
  ]);
  const uidOf = new Map(uids);
  return found.filter(({ id }) => !gone.has(id)).map(({ id, type }) => ({ id, type, uid: uidOf.get(id) }));
}

async function listTags(ec2: EC2Client, key: string, ids?: readonly string[]) {
  const Filters = [{ Name: "key", Values: [key] }, ...(ids ? [{ Name: "resource-id", Values: [...ids] }] : [])];
  const tags = await collect(paginateDescribeTags({ client: ec2, pageSize: 1_000 }, { Filters }), ({ Tags }) => Tags);
  return tags.map(({ ResourceId = "", ResourceType = "", Value = "" }) => {
    return { id: ResourceId, type: ResourceType as string, value: Value };
  });
}

async function inChunks<T>(ids: readonly string[], ask: (some: readonly string[]) => Promise<T[]>): Promise<T[]> {
  const chunks = Array.from({ length: Math.ceil(ids.length / VALUES) }, (_, at) => at * VALUES);
  return (await Promise.all(chunks.map((from) => ask(ids.slice(from, from + VALUES))))).flat();
}

/** Instances and NAT gateways that have ended: EC2 shows them, and their tags, for an hour. */
async function goneOf(
  ec2: EC2Client,
  found: readonly { readonly id: string; readonly type: string }[],
): Promise<Set<string>> {
  const idsOf = (type: string) => found.filter((each) => each.type === type).map(({ id }) => id);
  const [instances, gateways] = [idsOf("instance"), idsOf("natgateway")];
  const present = await Promise.all([
    inChunks(instances, async (ids) => {
      const states = { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] };
      const Filters = [{ Name: "instance-id", Values: [...ids] }, states];
      const { Reservations = [] } = await call(ec2.send(new DescribeInstancesCommand({ Filters })));
      return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId));
    }),
    inChunks(gateways, async (ids) => {
      const Filter = [
        { Name: "nat-gateway-id", Values: [...ids] },
        { Name: "state", Values: ["pending", "available"] },
      ];
      const { NatGateways = [] } = await call(ec2.send(new DescribeNatGatewaysCommand({ Filter })));
      return NatGateways.map(({ NatGatewayId = "" }) => NatGatewayId);
    }),
  ]);
  const here = new Set(present.flat());
  return new Set([...instances, ...gateways].filter((id) => !here.has(id)));
}
