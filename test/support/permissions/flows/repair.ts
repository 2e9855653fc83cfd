import { setTimeout as delay } from "node:timers/promises";
import {
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  DetachInstancesCommand,
  PutLifecycleHookCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { LAUNCH_HOOK } from "../../../../functions/domain/cluster/naming.ts";
import { updateMember } from "../../../../functions/store/members.ts";
import { ageCertificates } from "../../aged-certificates.ts";
import type { Account } from "../account.ts";
import { foundByReconcile, MAIN, memberOf, type PermissionsFlow, replaced, sayInterruption } from "./flow.ts";

async function groupOf(account: Account, member: string) {
  const { AutoScalingGroups = [] } = await account.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  const found = AutoScalingGroups.find((each) => each.AutoScalingGroupName?.startsWith(`${member}.masters.${MAIN}.`));
  if (!found?.AutoScalingGroupName) throw new Error(`there is no group of ${member}`);
  return { name: found.AutoScalingGroupName, instances: found.Instances ?? [] };
}

/** What people do to a group by mistake. */
async function drift(account: Account, member: string): Promise<void> {
  const { name: AutoScalingGroupName } = await groupOf(account, member);
  await account.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MaxSize: 2 }));
  const ScalingProcesses = ["AZRebalance"];
  await account.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses }));
}

/** A user's hook, at which an instance that has ended is held. */
async function hold(account: Account, member: string): Promise<void> {
  const { name: AutoScalingGroupName } = await groupOf(account, member);
  const hook = { LifecycleHookName: "users-own", LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING" };
  await account.autoScaling.send(
    new PutLifecycleHookCommand({ AutoScalingGroupName, ...hook, HeartbeatTimeout: 7_200 }),
  );
}

function terminate(account: Account, instanceId: string) {
  return account.fault({ kind: "host", action: "terminate", instanceId });
}

function heldIn(account: Account, member: string) {
  return async (): Promise<boolean> =>
    (await groupOf(account, member)).instances.some(({ LifecycleState }) => LifecycleState === "Terminating:Wait");
}

async function clear(account: Account): Promise<void> {
  return void (await account.cloud.faults.end());
}

/** Everything that can happen to a master, and what is done about it. */
export const REPAIR: readonly PermissionsFlow[] = [
  {
    name: "repair: an instance ends, behind a hook of the user's",
    async run(account) {
      const { instanceId } = await memberOf(account, MAIN, "a");
      await drift(account, "a");
      await hold(account, "a");
      account.beforeCall("assesscluster", "DescribeAutoScalingGroups", () =>
        account.until("the hook to hold a", heldIn(account, "a")),
      );
      await terminate(account, instanceId);
      await replaced(account, MAIN, "a", instanceId);
    },
  },
  {
    name: "repair: a group is changed while its instance is waited for",
    async run(account) {
      const { instanceId } = await memberOf(account, MAIN, "a");
      // The group does not know yet that its instance is gone; once it learns, the hook of before holds that.
      account.beforeCall("awaitinstance", "DescribeAutoScalingGroups", () => drift(account, "a"));
      await terminate(account, instanceId);
      await replaced(account, MAIN, "a", instanceId);
    },
  },
  {
    name: "repair: etcd hangs",
    async run(account) {
      const { instanceId } = await memberOf(account, MAIN, "b");
      await hold(account, "b");
      await account.fault({ kind: "host", action: "freeze-etcd", instanceId });
      foundByReconcile(account, MAIN, "etcd hangs");
      await replaced(account, MAIN, "b", instanceId);
    },
  },
  {
    name: "repair: an instance that left its group hangs",
    async run(account) {
      const { instanceId } = await memberOf(account, MAIN, "b");
      const { name: AutoScalingGroupName } = await groupOf(account, "b");
      const detach = { AutoScalingGroupName, InstanceIds: [instanceId], ShouldDecrementDesiredCapacity: false };
      await account.autoScaling.send(new DetachInstancesCommand(detach));
      await account.fault({ kind: "host", action: "freeze-etcd", instanceId });
      foundByReconcile(account, MAIN, "etcd hangs");
      await replaced(account, MAIN, "b", instanceId);
    },
  },
  {
    name: "repair: a volume is lost",
    async run(account) {
      const { instanceId, volumeId } = await memberOf(account, MAIN, "c");
      // Its next volume is on record when the step runs again.
      const crash = { function: "renewmember", operation: "PutParameter", count: 1 };
      await account.fault({ kind: "lambda", action: "crash-before-call", ...crash });
      await account.fault({ kind: "volume", action: "lose", volumeId });
      foundByReconcile(account, MAIN, "a volume is lost");
      await replaced(account, MAIN, "c", instanceId);
    },
  },
  {
    name: "repair: a volume is damaged, and its learner does not catch up at first",
    async run(account) {
      const { instanceId, volumeId } = await memberOf(account, MAIN, "c");
      const refuse = { code: "ThrottlingException", match: "holdfast-promote-member" };
      await account.fault({ kind: "api", action: "error", service: "ssm", operation: "SendCommand", ...refuse });
      await account.fault({ kind: "volume", action: "corrupt", volumeId, file: "db" });
      foundByReconcile(account, MAIN, "etcd does not start");
      const record = async () => (await account.members(MAIN)).find(({ member }) => member === "c");
      await account.until("c to learn", async () => {
        const { renewal } = (await record()) ?? {};
        // The step that writes it down does so twice: before the fresh volume is made, and after.
        if (!renewal?.volumeId) return false;
        await updateMember(account.table, MAIN, "c", { renewal: { ...renewal, since: Date.now() - 11 * 60_000 } });
        return true;
      });
      await account.untilStatus(MAIN, "DEGRADED");
      await clear(account);
      const { damage, volumeId: current } = (await record()) ?? {};
      const due = { volumeId: current ?? "", reason: damage?.reason ?? "", retryAt: Date.now() - 1 };
      await updateMember(account.table, MAIN, "c", { damage: due });
      foundByReconcile(account, MAIN, "c is missing");
      await replaced(account, MAIN, "c", instanceId);
    },
  },
  {
    name: "repair: AWS retires the leader's instance",
    async run(account) {
      const { plan } = await account.untilStatus(MAIN, "ACTIVE");
      for (const member of ["a", "b", "c"]) {
        const { instanceId } = await memberOf(account, MAIN, member);
        // Old ones are renewed on the occasion.
        const planned = plan.members.find(({ name }) => name === member);
        if (planned) await ageCertificates(account.ssm, MAIN, planned, 310);
        sayInterruption(account, instanceId);
        await replaced(account, MAIN, member, instanceId);
      }
    },
  },
  {
    name: "repair: no capacity for the type",
    async run(account) {
      const { instanceId } = await memberOf(account, MAIN, "a");
      await account.fault({ kind: "capacity", action: "exhaust", zone: "us-west-2a", instanceType: "t3.medium" });
      await terminate(account, instanceId);
      await replaced(account, MAIN, "a", instanceId);
      await clear(account);
    },
  },
  {
    name: "repair: no capacity in the zone",
    async run(account) {
      const { instanceId } = await memberOf(account, MAIN, "a");
      await account.fault({ kind: "capacity", action: "exhaust", zone: "us-west-2a" });
      await terminate(account, instanceId);
      await delay(3_000);
      await clear(account);
      await replaced(account, MAIN, "a", instanceId);
    },
  },
  {
    name: "repair: a volume hangs attaching, behind a hook of the user's",
    async run(account) {
      const { instanceId, volumeId } = await memberOf(account, MAIN, "b");
      await hold(account, "b");
      await account.fault({ kind: "volume", action: "stuck-attaching", volumeId });
      await terminate(account, instanceId);
      const volume = () => account.cloud.services.ec2.store.volumes.find(volumeId);
      await account.until("the volume to be attaching", async () => volume()?.attachment?.state === "attaching");
      // A minute of it, without the waiting.
      const attachment = volume()?.attachment;
      if (attachment) attachment.attachedAt -= 61_000;
      await account.until("the instance to be given up", async () => volume()?.attachment !== attachment);
      await clear(account);
      await replaced(account, MAIN, "b", instanceId);
    },
  },
  {
    name: "repair: an instance that somebody put in service never answers",
    async run(account) {
      const { instanceId } = await memberOf(account, MAIN, "a");
      const silent = { service: "ssm", operation: "SendCommand", code: "InvalidInstanceId" };
      await account.fault({ kind: "api", action: "error", ...silent, match: "holdfast-await-member" });
      account.beforeCall("awaitmember", "SendCommand", async () => {
        const { name: AutoScalingGroupName, instances } = await groupOf(account, "a");
        const next = instances.find(({ LifecycleState }) => LifecycleState === "Pending:Wait")?.InstanceId ?? "";
        const hook = { LifecycleHookName: LAUNCH_HOOK, LifecycleActionResult: "CONTINUE", InstanceId: next };
        await account.autoScaling.send(new CompleteLifecycleActionCommand({ AutoScalingGroupName, ...hook }));
        const instance = account.cloud.services.ec2.store.instances.find(next);
        // Ten minutes of it, without the waiting.
        if (instance) instance.launchedAt -= 11 * 60_000;
        await account.until(`${next} to be in service`, async () => {
          const { instances: now } = await groupOf(account, "a");
          return now.find(({ InstanceId }) => InstanceId === next)?.LifecycleState === "InService";
        });
      });
      account.beforeCall("awaitmember", "TerminateInstanceInAutoScalingGroup", () => clear(account));
      await terminate(account, instanceId);
      await replaced(account, MAIN, "a", instanceId);
    },
  },
  {
    name: "repair: a terminated instance still holds the volume",
    async run(account) {
      const { instanceId, volumeId } = await memberOf(account, MAIN, "b");
      const { store } = account.cloud.services.ec2;
      account.beforeCall("attachvolume", "AttachVolume", async () => {
        await account.until(`${instanceId} to be terminated`, async () => {
          return store.instances.find(instanceId)?.state === "terminated";
        });
        const volume = store.volumes.find(volumeId);
        if (!volume) throw new Error(`${volumeId} is gone`);
        const held = { device: "/dev/xvdf", state: "attached", deleteOnTermination: false, onHost: false } as const;
        volume.attachment = { ...held, instanceId, attachedAt: Date.now() };
        volume.state = "in-use";
      });
      await terminate(account, instanceId);
      await replaced(account, MAIN, "b", instanceId);
    },
  },
  {
    name: "repair: instances that never answer",
    async run(account) {
      const { instanceId } = await memberOf(account, MAIN, "c");
      const { store } = account.cloud.services.ec2;
      account.beforeCall("awaitmember", "SendCommand", async () => {
        const { instanceId: fresh } = await memberOf(account, MAIN, "c");
        await account.fault({ kind: "host", action: "freeze", instanceId: fresh });
        const instance = store.instances.find(fresh);
        if (instance) instance.launchedAt -= 11 * 60_000;
      });
      await terminate(account, instanceId);
      await replaced(account, MAIN, "c", instanceId);
    },
  },
];
