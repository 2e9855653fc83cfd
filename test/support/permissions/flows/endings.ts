import { DescribeAddressesCommand, DisassociateAddressCommand, ReleaseAddressCommand } from "@aws-sdk/client-ec2";
import { ListExecutionsCommand, ListStateMachinesCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { findCluster } from "../../../../functions/store/clusters.ts";
import { keys } from "../../../../functions/store/keys.ts";
import type { Account } from "../account.ts";
import {
  beginSmall,
  createSmall,
  expectStatus,
  foundByReconcile,
  memberOf,
  type PermissionsFlow,
  remove,
  replaced,
  sayInterruption,
  ZONES,
} from "./flow.ts";

function exhaust(account: Account) {
  return account.fault({ kind: "capacity", action: "exhaust", zone: "us-west-2a" });
}

function clear(account: Account) {
  return account.cloud.faults.end();
}

/** Stops the executions of a workflow that run, as a person would in the console; waits until there is one. */
async function abort(account: Account, machine: string): Promise<void> {
  const { stateMachines = [] } = await account.sfn.send(new ListStateMachinesCommand({}));
  const { stateMachineArn } = stateMachines.find(({ name = "" }) => name.startsWith(machine)) ?? {};
  await account.until(`an execution of ${machine} to stop`, async () => {
    const running = { stateMachineArn, statusFilter: "RUNNING" } as const;
    const { executions = [] } = await account.sfn.send(new ListExecutionsCommand(running));
    for (const { executionArn } of executions) await account.sfn.send(new StopExecutionCommand({ executionArn }));
    return executions.length > 0;
  });
}

/** Its lease has run out: time goes by without the waiting. */
async function runOut({ table }: Account, operation: string): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.operation(operation),
      UpdateExpression: "SET #r.leaseUntil = :past",
      ExpressionAttributeNames: { "#r": "record" },
      ExpressionAttributeValues: { ":past": Date.now() - 1 },
    }),
  );
}

/** Waits until a step of a flow has been asked for once more: the flow is in the middle, and stays there. */
function stuckAt(account: Account, part: string, operation: string): Promise<void> {
  return new Promise((resolve) => account.beforeCall(part, operation, async () => resolve()));
}

/** A cluster of one master whose instance is lost and cannot be launched. */
async function beginRepair(account: Account, name: string): Promise<string> {
  const { instanceId } = await memberOf(account, name, "a");
  await exhaust(account);
  const stuck = stuckAt(account, "awaitinstance", "DescribeScalingActivities");
  await account.fault({ kind: "host", action: "terminate", instanceId });
  await stuck;
  return instanceId;
}

async function beginScale(account: Account, name: string): Promise<void> {
  await exhaust(account);
  const stuck = stuckAt(account, "verifynodes", "SendCommand");
  await expectStatus(account.ask("POST", `/clusters/${name}/scale`, { count: 1 }), 202);
  await stuck;
}

async function beginCreation(account: Account, name: string): Promise<void> {
  await exhaust(account);
  const stuck = stuckAt(account, "awaitinstance", "DescribeScalingActivities");
  await beginSmall(account, name);
  await stuck;
}

/** A cluster of one master is to get two more, and one of them cannot be launched. */
async function beginMigration(account: Account, name: string): Promise<void> {
  await account.fault({ kind: "capacity", action: "exhaust", zone: "us-west-2b" });
  const stuck = stuckAt(account, "migratestep", "DescribeScalingActivities");
  // A repair looks after an operation that was stopped.
  await account.until("the migration to begin", async () => {
    const { status } = await account.ask("POST", `/clusters/${name}/migrate`, { masterZones: ZONES });
    return status === 202;
  });
  await stuck;
}

async function addressOf(account: Account, instanceId: string) {
  const Filters = [{ Name: "instance-id", Values: [instanceId] }];
  return (await account.ec2.send(new DescribeAddressesCommand({ Filters }))).Addresses?.[0];
}

/** Flows that are stopped from outside, and those that a deletion overrules. */
export const ENDINGS: readonly PermissionsFlow[] = [
  {
    name: "a creation is stopped in the console, and another overruled by its deletion",
    async run(account) {
      await beginCreation(account, "stopped.example.com");
      await abort(account, "CreateCluster");
      await account.untilStatus("stopped.example.com", "FAILED");
      await clear(account);
      await remove(account, "stopped.example.com");
      await beginCreation(account, "overruled.example.com");
      await remove(account, "overruled.example.com");
      await clear(account);
    },
  },
  {
    name: "a creation dies, and no event reports it",
    async run(account) {
      await beginCreation(account, "silent.example.com");
      await account.fault({ kind: "events", action: "drop", source: "aws.states" });
      await abort(account, "CreateCluster");
      await clear(account);
      const { operation } = (await findCluster(account.table, "silent.example.com")) ?? {};
      // The step that was under way when its execution died may still renew the lease.
      await account.until("the reconciler to end it", async () => {
        await runOut(account, operation ?? "");
        await account.invoke("reconcile", {});
        return (await findCluster(account.table, "silent.example.com"))?.status === "FAILED";
      });
      await account.untilStatus("silent.example.com", "FAILED");
      await remove(account, "silent.example.com");
    },
  },
  {
    name: "an update is stopped in the console",
    async run(account) {
      await createSmall(account, "small.example.com");
      await beginScale(account, "small.example.com");
      await abort(account, "UpdateCluster");
      await account.untilStatus("small.example.com", "ACTIVE", "DEGRADED");
      await clear(account);
      // What was to change is still to be executed: the same command continues with it.
      await expectStatus(account.ask("POST", "/clusters/small.example.com/scale", { count: 1 }), 202);
      await account.untilStatus("small.example.com", "ACTIVE");
    },
  },
  {
    name: "drift: somebody releases the Elastic IP of a master",
    async run(account) {
      const { instanceId } = await memberOf(account, "small.example.com", "a");
      const address = () => addressOf(account, instanceId);
      const former = await address();
      await account.ec2.send(new DisassociateAddressCommand({ AssociationId: former?.AssociationId }));
      await account.ec2.send(new ReleaseAddressCommand({ AllocationId: former?.AllocationId }));
      await expectStatus(account.ask("GET", "/clusters/small.example.com?fresh=true"), 200);
      foundByReconcile(account, "small.example.com", "its Elastic IP is gone");
      await account.until("the master to have another", async () => (await address()) !== undefined);
      await account.untilStatus("small.example.com", "ACTIVE");
    },
  },
  {
    name: "AWS takes away the only master",
    async run(account) {
      const { instanceId } = await memberOf(account, "small.example.com", "a");
      sayInterruption(account, instanceId);
      // Nobody could continue without it: the interruption is reported as waiting, and then AWS does it.
      const hasInterruption = async () =>
        (await account.members("small.example.com")).some(({ interruption }) => interruption != null);
      await account.until("the interruption to be recorded", hasInterruption);
      await account.untilStatus("small.example.com", "ACTIVE");
      await account.fault({ kind: "host", action: "terminate", instanceId });
      await replaced(account, "small.example.com", "a", instanceId);
    },
  },
  {
    name: "a repair is stopped in the console",
    async run(account) {
      const instanceId = await beginRepair(account, "small.example.com");
      await abort(account, "RepairMaster");
      await clear(account);
      await replaced(account, "small.example.com", "a", instanceId);
    },
  },
  {
    name: "a repair is overruled by a deletion, which is stopped in the console",
    async run(account) {
      await beginRepair(account, "small.example.com");
      const deleting = stuckAt(account, "deletestorage", "DescribeVolumes");
      await expectStatus(account.ask("DELETE", "/clusters/small.example.com"), 202);
      await deleting;
      await abort(account, "DeleteCluster");
      await account.untilStatus("small.example.com", "FAILED");
      await clear(account);
      await remove(account, "small.example.com");
    },
  },
  {
    name: "an update is overruled by a deletion",
    async run(account) {
      await createSmall(account, "other.example.com");
      await beginScale(account, "other.example.com");
      await remove(account, "other.example.com");
      await clear(account);
    },
  },
  {
    name: "a migration is stopped in the console, and overruled by a deletion",
    async run(account) {
      const name = "migrating.example.com";
      await createSmall(account, name);
      await beginMigration(account, name);
      await abort(account, "MigrateCluster");
      await account.untilStatus(name, "ACTIVE", "DEGRADED");
      await beginMigration(account, name);
      await remove(account, name);
      await clear(account);
    },
  },
];
