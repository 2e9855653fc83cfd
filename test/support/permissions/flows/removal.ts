import { CreateNetworkInterfaceCommand, CreateVolumeCommand, DeleteNetworkInterfaceCommand } from "@aws-sdk/client-ec2";
import { DeregisterTargetsCommand, DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { findCluster } from "../../../../functions/store/clusters.ts";
import { keys } from "../../../../functions/store/keys.ts";
import type { Account } from "../account.ts";
import { createSmall, expectStatus, MAIN, type PermissionsFlow, remove } from "./flow.ts";
import {
  ageOrphans,
  areResourcesCorrect,
  detachNode,
  identityShowsUp,
  makeWorkloads,
  sayUnhealthy,
  spoilResources,
  subnetOf,
  tieGroups,
} from "./foreign-changes.ts";

/** As its schedule does: it leaves a cluster alone while an operation holds it. */
async function reconcileAgain(account: Account): Promise<void> {
  await account.invoke("reconcile", {});
}

/** What the reconciler finds, and the way back to nothing. */
export const REMOVAL: readonly PermissionsFlow[] = [
  {
    name: "reconcile: resources that belong to nobody",
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
      await account.invoke("reconcile", {});
      await ageOrphans(account);
      await account.invoke("reconcile", {});
    },
  },
  {
    name: "reconcile: a master says that it is unhealthy",
    async run(account) {
      await sayUnhealthy(account, "b");
      await account.invoke("reconcile", {});
      await account.untilStatus(MAIN, "ACTIVE");
    },
  },
  {
    name: "reconcile: a master's interface is in another group, and its volume has lost its tags",
    async run(account) {
      await account.untilStatus(MAIN, "ACTIVE");
      await spoilResources(account, "a");
      await account.until("tags and groups to be back", async () => {
        await reconcileAgain(account);
        return areResourcesCorrect(account, "a");
      });
      await account.untilStatus(MAIN, "ACTIVE");
    },
  },
  {
    name: "drift: somebody takes a master out of the API's targets",
    async run(account) {
      await account.untilStatus(MAIN, "ACTIVE");
      const cluster = await findCluster(account.table, MAIN);
      const Targets = [{ Id: cluster?.plan.members[0]?.address }];
      const TargetGroupArn = cluster?.endpoint?.targetGroupArn;
      await account.elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
      await expectStatus(account.ask("GET", `/clusters/${MAIN}?fresh=true`), 200);
      await account.until("the master to be a target again", async () => {
        await reconcileAgain(account);
        const { TargetHealthDescriptions: found = [] } = await account.elb.send(
          new DescribeTargetHealthCommand({ TargetGroupArn }),
        );
        return found.some(({ Target }) => Target?.Id === Targets[0]?.Id);
      });
    },
  },
  {
    name: "delete: a foreign interface blocks, then all goes but a last snapshot",
    async run(account) {
      await makeWorkloads(account);
      await detachNode(account);
      const { SubnetId } = await subnetOf(account);
      const { NetworkInterface } = await account.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
      const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId;
      await expectStatus(account.ask("DELETE", `/clusters/${MAIN}?finalSnapshot=true`), 202);
      await account.untilStatus(MAIN, "FAILED");
      await expectStatus(account.ask("GET", `/clusters/${MAIN}/resources`), 200);
      await account.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
      account.beforeCall("verifyremoval", "GetItem", () => identityShowsUp(account));
      await remove(account, MAIN);
      await expectStatus(account.ask("DELETE", `/clusters/${MAIN}`), 404);
    },
  },
  {
    name: "delete: a cluster that the table does not know",
    async run(account) {
      await createSmall(account, "lost.example.com");
      await tieGroups(account, "lost.example.com");
      const Key = keys.cluster("lost.example.com");
      await account.table.client.send(new DeleteCommand({ TableName: account.table.name, Key }));
      await expectStatus(account.ask("GET", "/clusters/lost.example.com/resources"), 200);
      await remove(account, "lost.example.com");
    },
  },
];
