import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { ec2 } from "../aws/ec2/client.ts";
import { findInstances, masterIdentity } from "../aws/ec2/compute.ts";
import { sfn } from "../aws/step-functions/client.ts";
import { startExecution } from "../aws/step-functions/executions.ts";
import { masterGroupName } from "../domain/cluster/naming.ts";
import { type MemberRecord, ownerOf } from "../domain/cluster/records.ts";
import { isSettled } from "../domain/migrate/settled-members.ts";
import { type AwsEvent, AwsEventSchema, readTriggers, repairName, type Trigger } from "../domain/repair/triggers.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { eventHandler } from "../runtime/handlers.ts";
import { logger } from "../runtime/logger.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { findCluster } from "../store/clusters.ts";
import { findInstance, listMembers, updateMember } from "../store/members.ts";
import { allMembers } from "../store/reconcile.ts";
import { recordEvent, recordEventCalls } from "../usecases/operations/record-event.ts";

const deps = { ...system, aws: { ...recordEventCalls } };

const env = readEnv({ REPAIR_STATE_MACHINE: NonEmpty });
const [, , , region = "", account = ""] = env.REPAIR_STATE_MACHINE.split(":");
const metrics = new Metrics({ namespace: "Holdfast", serviceName: "master-lost" });

interface Identity {
  readonly cluster: string;
  readonly member: string;
}

/**
 * Handles an AWS event about an instance, a volume or a group. If it concerns a master, a repair is started under a
 * name made from the fact and the resource, so five events about one loss start one execution. An interruption is
 * recorded first, since the repair may have to wait. The repair reads the actual state again.
 */
async function masterLost(event: AwsEvent): Promise<void> {
  for (const trigger of readTriggers(event, { account, region })) await start(trigger, event);
}

async function start(trigger: Trigger, event: AwsEvent): Promise<void> {
  const identity = await identify(trigger.about);
  const cluster = identity && (await findCluster(table, identity.cluster));
  if (!identity || !cluster) {
    metrics.addMetric("ForeignEvents", MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
    return logger.info("event about what is not ours", { about: trigger.about, detectedBy: trigger.detectedBy });
  }
  const members = await listMembers(table, cluster.name);
  if (!isSettled(identity.member, cluster, members))
    return logger.info("event about a member that a migration brings or took away", { ...identity });
  await writeDown(trigger, identity, event, members);
  const { about, fact, detectedBy, thorough, at } = trigger;
  const name = repairName(trigger, { uid: cluster.uid, member: identity.member });
  const launched = fact === "launched" && "instanceId" in about ? { launched: about.instanceId } : {};
  const input = { cluster: cluster.name, detectedBy, thorough, ...launched, ...(at === null ? {} : { at }) };
  const started = await startExecution(sfn, env.REPAIR_STATE_MACHINE, name, input);
  logger.info(`repair ${started}`, { ...identity, name, detectedBy });
}

/** An interruption of a former instance is ignored. */
async function writeDown(
  { about, interruption, detectedBy }: Trigger,
  of: Identity,
  event: AwsEvent,
  members: readonly MemberRecord[],
): Promise<void> {
  if (interruption === null || !("instanceId" in about)) return;
  const { instanceId } = about;
  const record = members.find(({ member }) => member === of.member);
  if (record?.instanceId !== instanceId) return;
  const said = { instanceId, kind: interruption, detectedBy: detectedBy, receivedAt: event.time };
  await updateMember(table, of.cluster, of.member, { interruption: said });
  const message = `AWS will take away ${instanceId} of master ${of.member} (${detectedBy}).`;
  await recordEvent(deps, of.cluster, {
    time: event.time,
    type: "master-interruption",
    message,
    member: of.member,
    operation: null,
  });
}

/**
 * Whose it is, by our records or, of an instance that is not on record, by its group or its tags; undefined for what is
 * not a master's.
 */
async function identify(about: Trigger["about"]): Promise<Identity | undefined> {
  if ("group" in about) return identifyGroup(about.group);
  if ("volumeId" in about) return recordedVolume(about.volumeId);
  const known = await findInstance(table, about.instanceId);
  if (known) return known;
  if (about.groupName !== undefined) return identifyGroup(about.groupName);
  const [instance] = await findInstances(ec2, [about.instanceId]);
  return instance && masterIdentity(instance);
}

/** A deleted volume has no tags; one that is on no record belongs to no member any more. */
async function recordedVolume(volumeId: string): Promise<Identity | undefined> {
  const holds = ({ volumeId: own }: MemberRecord) => own === volumeId;
  for (const [cluster, members] of await allMembers(table)) {
    const found = members.find(holds);
    if (found) return { cluster, member: found.member };
  }
  return undefined;
}

/** A group says whose it is by its name, which only that cluster's group of that member can have. */
async function identifyGroup(group: string): Promise<Identity | undefined> {
  const { member, name } = /^(?<member>[a-z]{1,2})\.masters\.(?<name>.+)\.[0-9a-f]{8}$/.exec(group)?.groups ?? {};
  const cluster = name === undefined ? undefined : await findCluster(table, name);
  if (!cluster || member === undefined || masterGroupName(ownerOf(cluster), member) !== group) return undefined;
  return { cluster: cluster.name, member };
}

export const handler = eventHandler(AwsEventSchema, masterLost);
