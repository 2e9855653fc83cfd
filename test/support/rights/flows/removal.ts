import {
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  DeleteNetworkInterfaceCommand,
  DescribeSubnetsCommand,
} from "@aws-sdk/client-ec2";
import { CreateLoadBalancerCommand, CreateTargetGroupCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { keys } from "../../../../functions/gateways/table/keys.ts";
import type { Account } from "../account.ts";
import { createSmall, expectStatus, MAIN, type RightsFlow, remove } from "./flow.ts";

const OWNED = { Key: `kubernetes.io/cluster/${MAIN}`, Value: "owned" };

const subnetOf = async (account: Account) => {
  const Filters = [{ Name: "tag:holdfast:cluster", Values: [MAIN] }];
  const { Subnets = [] } = await account.ec2.send(new DescribeSubnetsCommand({ Filters }));
  const [subnet] = Subnets;
  if (!subnet) throw new Error(`${MAIN} has no subnet`);
  return subnet;
};

/** What Kubernetes makes for services and claims. */
const makeWorkloads = async (account: Account): Promise<void> => {
  const { SubnetId = "", VpcId = "" } = await subnetOf(account);
  const balancer = { Name: "a1b2c3", Type: "network" as const, Subnets: [SubnetId], Tags: [OWNED] };
  await account.elb.send(new CreateLoadBalancerCommand(balancer));
  await account.elb.send(
    new CreateTargetGroupCommand({ Name: "k8s-a1b2c3", Protocol: "TCP", Port: 80, VpcId, Tags: [OWNED] }),
  );
  await account.ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: "us-west-2a",
      Size: 1,
      TagSpecifications: [{ ResourceType: "volume", Tags: [OWNED] }],
    }),
  );
  await account.ec2.send(
    new CreateSecurityGroupCommand({
      VpcId,
      GroupName: "k8s-elb-a1b2c3",
      Description: "for Kubernetes",
      TagSpecifications: [{ ResourceType: "security-group", Tags: [OWNED] }],
    }),
  );
};

/** What the sweep finds, and the way back to nothing. */
export const REMOVAL: readonly RightsFlow[] = [
  {
    name: "sweep: resources that belong to nobody",
    async run(account) {
      const Tags = [
        { Key: "holdfast:uid", Value: "01nobody" },
        { Key: "holdfast:cluster", Value: "nobody.example.com" },
      ];
      await account.ec2.send(
        new CreateVolumeCommand({
          AvailabilityZone: "us-west-2a",
          Size: 1,
          TagSpecifications: [{ ResourceType: "volume", Tags }],
        }),
      );
      await account.invoke("sweep", {});
      await account.invoke("sweep", {});
    },
  },
  {
    name: "delete: a foreign interface blocks, then all goes but a last snapshot",
    async run(account) {
      await makeWorkloads(account);
      const { SubnetId } = await subnetOf(account);
      const { NetworkInterface } = await account.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
      const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId;
      await expectStatus(account.ask("DELETE", `/clusters/${MAIN}?finalSnapshot=true`), 202);
      await account.settled(MAIN, "FAILED");
      await expectStatus(account.ask("GET", `/clusters/${MAIN}/resources`), 200);
      await account.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
      await remove(account, MAIN);
      await expectStatus(account.ask("DELETE", `/clusters/${MAIN}`), 404);
    },
  },
  {
    name: "delete: a cluster that the table does not know",
    async run(account) {
      await createSmall(account, "lost.example.com");
      const Key = keys.cluster("lost.example.com");
      await account.table.client.send(new DeleteCommand({ TableName: account.table.name, Key }));
      await expectStatus(account.ask("GET", "/clusters/lost.example.com/resources"), 200);
      await remove(account, "lost.example.com");
    },
  },
];
