import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import type { ClusterView } from "../../../functions/domain/api/views.ts";
import type { Scenario } from "../scenario.ts";
import { type ClientCertificates, EtcdClient } from "./etcd-client.ts";

const PKI = "/etc/kubernetes/pki";
const FILES = { ca: "etcd/ca.crt", cert: "apiserver-etcd-client.crt", key: "apiserver-etcd-client.key" } as const;

/** How to reach each member's etcd, whatever instance it is on: members keep their addresses. */
export interface EtcdEndpoints {
  readonly members: readonly string[];
  /** A client of one member with connections of its own. */
  connect(member: string): EtcdClient;
}

/** Ports of this machine that lead to each member's client port in the cluster's VPC, and a master's client certificate. */
export async function etcdEndpoints(scenario: Scenario, cluster: ClusterView): Promise<EtcdEndpoints> {
  const instances = cluster.members.flatMap(({ instanceId }) => (instanceId === null ? [] : [instanceId]));
  const [instanceId = ""] = instances;
  const { Reservations = [] } = await scenario.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  const vpcId = Reservations[0]?.Instances?.[0]?.VpcId ?? "";
  const { hosts } = scenario.cloud;
  const read = async (file: string): Promise<string> => {
    const { stdout, stderr, exitCode } = await hosts.run(instanceId, `cat ${PKI}/${file}`, { timeoutMs: 5_000 });
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  };
  const [ca, cert, key] = await Promise.all([read(FILES.ca), read(FILES.cert), read(FILES.key)]);
  const certificates: ClientCertificates = { ca, cert, key };
  const ports = new Map<string, number>();
  for (const { name, address } of cluster.members) ports.set(name, await hosts.forward(vpcId, address, 2379));
  return {
    members: cluster.members.map(({ name }) => name),
    connect: (member) => {
      const port = ports.get(member);
      if (port === undefined) throw new Error(`${cluster.name} has no member ${member}`);
      return new EtcdClient(port, certificates);
    },
  };
}
