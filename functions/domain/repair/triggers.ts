import { createHash } from "node:crypto";
import * as z from "zod";
import type { InterruptionRecord } from "../cluster/records.ts";

/**
 * What an event reports about one resource that may be a master's. It decides nothing: the repair reads the actual
 * state.
 */
export interface Trigger {
  readonly about:
    | { readonly instanceId: string /** Its group, if the event comes from the group. */; readonly groupName?: string }
    | { readonly volumeId: string }
    | { readonly group: string };
  /** What happened: the first part of the execution's name. One fact has one name. */
  readonly fact: string;
  /** Distinguishes repeated occurrences at one resource; null for what happens once. */
  readonly occurrence: string | null;
  /** For the event history. */
  readonly detectedBy: string;
  /** Volumes and etcd are checked too, even if every instance runs. */
  readonly thorough: boolean;
  /** When the instance was lost, if the event reports a loss. */
  readonly at: string | null;
  /** Set if the resource is healthy and AWS will take it away. */
  readonly interruption: InterruptionRecord["kind"] | null;
}

const InstanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/);

const Envelope = z.object({
  "detail-type": z.string(),
  source: z.string().optional(),
  account: z.string().optional(),
  region: z.string().optional(),
  time: z.iso.datetime(),
  resources: z.array(z.string()).default([]),
  detail: z.record(z.string(), z.unknown()),
});
export type AwsEvent = z.output<typeof Envelope>;
export const AwsEventSchema = Envelope;

const OfInstance = z.object({ "instance-id": InstanceId, state: z.string().optional() });
const OfGroup = z.object({ AutoScalingGroupName: z.string(), EC2InstanceId: InstanceId.or(z.literal("")).optional() });
const OfVolume = z.object({ event: z.string(), result: z.string() });
const OfHealth = z.object({
  eventArn: z.string().optional(),
  communicationId: z.string().optional(),
  service: z.string().optional(),
  eventTypeCode: z.string().default("AWS Health"),
  eventTypeCategory: z.string().optional(),
  statusCode: z.string().optional(),
  eventRegion: z.string().optional(),
  affectedEntities: z.array(z.object({ entityValue: z.string(), status: z.string().optional() })).default([]),
});

/**
 * Triggers in an event of AWS: none, one, or (AWS Health) several. Ids come from `detail`, since ARNs of Spot events
 * are irregular (docs/references/aws.md#ec2-events to #status-events). Events of other accounts or Regions are ignored
 * (docs/references/faults.md#e6). AWS Health sends a copy of each event to a second Region.
 */
export function readTriggers(event: AwsEvent, home: { account: string; region: string }): Trigger[] {
  const { account = home.account, region = home.region } = event;
  if (account !== home.account || region !== home.region) return [];
  switch (event["detail-type"]) {
    case "EBS Volume Notification":
      return ofVolume(event);
    case "AWS Health Event":
      return ofHealth(event, home.region);
    case "EC2 Instance Launch Unsuccessful":
      return ofLaunchFailure(event);
    default:
      return ofInstance(event);
  }
}

/** An instance's end has one name, whichever service reports it. Its launch is another fact with another name. */
const INSTANCE_FACTS: Readonly<Record<string, { fact: string; interruption: InterruptionRecord["kind"] | null }>> = {
  "EC2 Instance State-change Notification": { fact: "repair", interruption: null },
  "EC2 Instance Terminate Successful": { fact: "repair", interruption: null },
  "EC2 Instance-launch Lifecycle Action": { fact: "launched", interruption: null },
  "EC2 Instance-terminate Lifecycle Action": { fact: "held", interruption: null },
  "EC2 Spot Instance Interruption Warning": { fact: "interrupted", interruption: "spot-interruption" },
  "EC2 Instance Rebalance Recommendation": { fact: "rebalance", interruption: "rebalance" },
};

function ofInstance(event: AwsEvent): Trigger[] {
  const known = INSTANCE_FACTS[event["detail-type"]];
  const direct = OfInstance.safeParse(event.detail).data;
  const group = OfGroup.safeParse(event.detail).data;
  const instanceId = direct?.["instance-id"] ?? group?.EC2InstanceId;
  if (!known || !instanceId) return [];
  const state = direct?.state === undefined ? "" : `: ${direct.state}`;
  const detectedBy = `${event["detail-type"]}${state}`;
  return [
    {
      about: { instanceId, ...(group && { groupName: group.AutoScalingGroupName }) },
      ...known,
      occurrence: null,
      detectedBy,
      thorough: false,
      at: known.fact === "repair" ? event.time : null,
    },
  ];
}

/** A group reports each failed launch. One trigger an hour is enough, since the reconciler checks each minute. */
function ofLaunchFailure(event: AwsEvent): Trigger[] {
  const detail = OfGroup.safeParse(event.detail).data;
  if (!detail) return [];
  const about = { group: detail.AutoScalingGroupName };
  const what = { fact: "launch-failed", occurrence: hourOf(event), detectedBy: event["detail-type"] };
  return [{ about, ...what, thorough: false, at: null, interruption: null }];
}

/** Only failures and deletions are triggers. */
function ofVolume(event: AwsEvent): Trigger[] {
  const detail = OfVolume.safeParse(event.detail).data;
  const volumeId = event.resources.map((arn) => /\bvol-[0-9a-f]{8,17}\b/.exec(arn)?.[0]).find((id) => id !== undefined);
  if (!detail || volumeId === undefined || !["failed", "deleted"].includes(detail.result)) return [];
  const what = {
    fact: detail.event,
    occurrence: detail.result === "deleted" ? null : hourOf(event),
    detectedBy: `${event["detail-type"]}: ${detail.event} ${detail.result}`,
  };
  return [{ about: { volumeId }, ...what, thorough: true, at: null, interruption: null }];
}

/** What is over, for the event or for one of its entities. */
const OVER = new Set(["closed", "UNIMPAIRED", "RESOLVED"]);

/**
 * Affected things come as entities, and again as resources, as ids or as ARNs. Each message about an event has a
 * communication id of its own, and has something new; its pages name different things.
 */
function ofHealth(event: AwsEvent, region: string): Trigger[] {
  const detail = OfHealth.safeParse(event.detail).data;
  if (!detail || OVER.has(detail.statusCode ?? "")) return [];
  if (detail.eventRegion !== undefined && detail.eventRegion !== region) return [];
  const over = detail.affectedEntities
    .filter(({ status = "" }) => OVER.has(status))
    .map(({ entityValue }) => entityValue);
  const named = [...detail.affectedEntities.map(({ entityValue }) => entityValue), ...event.resources];
  const ids = (values: readonly string[]) =>
    values.flatMap((value) => value.match(/\b(i|vol)-[0-9a-f]{8,17}\b/g) ?? []);
  const done = new Set(ids(over));
  const planned = detail.eventTypeCategory === "scheduledChange";
  const occurrence = shortHash(detail.communicationId ?? detail.eventArn ?? event.time);
  const detectedBy = `${event["detail-type"]}: ${detail.eventTypeCode}`;
  return [...new Set(ids(named))]
    .filter((id) => !done.has(id))
    .map((id): Trigger => {
      const what = { fact: "health", occurrence, detectedBy, at: null };
      if (id.startsWith("vol-")) return { about: { volumeId: id }, ...what, thorough: true, interruption: null };
      // A scheduled event is a trigger by itself. An issue may concern volumes or etcd, which only a thorough check
      // finds.
      const interruption = planned ? ("scheduled-change" as const) : null;
      return { about: { instanceId: id }, ...what, thorough: !planned, interruption };
    });
}

/**
 * The name of the repair that a trigger starts. A name is reserved for 90 days
 * (docs/references/aws.md#execution-names): a repeated fact starts nothing, and another fact about the same resource
 * does. At most 80 characters.
 */
export function repairName(trigger: Trigger, of: { readonly uid: string; readonly member: string }): string {
  const { about, fact, occurrence } = trigger;
  const thing = "instanceId" in about ? about.instanceId : "volumeId" in about ? about.volumeId : shortHash(of.uid);
  return [fact, of.member, thing, ...(occurrence === null ? [] : [occurrence])].join("-");
}

function hourOf({ time }: AwsEvent): string {
  return time.slice(0, 13).replaceAll(/\D/g, "");
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
