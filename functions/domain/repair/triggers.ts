import { createHash } from "node:crypto";
import * as z from "zod";
import type { NoticeRecord } from "../cluster/records.ts";

/** What an event says about one thing that may be a master's. Nothing is decided by it: the repair reads the truth. */
export interface Trigger {
  readonly about:
    | { readonly instanceId: string /** Its group, if that is what tells. */; readonly groupName?: string }
    | { readonly volumeId: string }
    | { readonly group: string };
  /** What happened, in the words with which the execution's name begins: one fact, one name. */
  readonly fact: string;
  /** Tells apart what may happen to the same thing again; null for what happens to it once. */
  readonly occurrence: string | null;
  /** For the story. */
  readonly detectedBy: string;
  /** Volumes and etcd are looked at, too, though every instance may run. */
  readonly thorough: boolean;
  /** When an instance was lost, if this is what it tells. */
  readonly at: string | null;
  /** Set if the thing is well and AWS will take it away. */
  readonly notice: NoticeRecord["kind"] | null;
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
 * What an event of AWS may mean for masters: nothing, one thing, or (AWS Health) several. The shapes are AWS's (aws-facts
 * §1.2 to §1.5); the id is taken from `detail`, since ARNs of Spot events are odd. An event of another account or Region
 * means nothing here (faults E6); AWS Health puts a copy of each of its events into a second Region.
 */
export const readTriggers = (event: AwsEvent, home: { account: string; region: string }): Trigger[] => {
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
};

/** The end of an instance has one name, whoever tells of it; its launch is another fact and must not stand in the way. */
const INSTANCE_FACTS: Readonly<Record<string, { fact: string; notice: NoticeRecord["kind"] | null }>> = {
  "EC2 Instance State-change Notification": { fact: "repair", notice: null },
  "EC2 Instance Terminate Successful": { fact: "repair", notice: null },
  "EC2 Instance-launch Lifecycle Action": { fact: "launched", notice: null },
  "EC2 Instance-terminate Lifecycle Action": { fact: "held", notice: null },
  "EC2 Spot Instance Interruption Warning": { fact: "interrupted", notice: "spot-interruption" },
  "EC2 Instance Rebalance Recommendation": { fact: "rebalance", notice: "rebalance" },
};

const ofInstance = (event: AwsEvent): Trigger[] => {
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
};

/** A group that cannot launch says so at each try: once an hour is enough, the sweep looks each minute. */
const ofLaunchFailure = (event: AwsEvent): Trigger[] => {
  const detail = OfGroup.safeParse(event.detail).data;
  if (!detail) return [];
  const about = { group: detail.AutoScalingGroupName };
  const what = { fact: "launch-failed", occurrence: hourOf(event), detectedBy: event["detail-type"] };
  return [{ about, ...what, thorough: false, at: null, notice: null }];
};

/** Only failures and deletions: a volume that was attached or modified as it should be is no news. */
const ofVolume = (event: AwsEvent): Trigger[] => {
  const detail = OfVolume.safeParse(event.detail).data;
  const volumeId = event.resources.map((arn) => /\bvol-[0-9a-f]{8,17}\b/.exec(arn)?.[0]).find((id) => id !== undefined);
  if (!detail || volumeId === undefined || !["failed", "deleted"].includes(detail.result)) return [];
  const what = {
    fact: detail.event,
    occurrence: detail.result === "deleted" ? null : hourOf(event),
    detectedBy: `${event["detail-type"]}: ${detail.event} ${detail.result}`,
  };
  return [{ about: { volumeId }, ...what, thorough: true, at: null, notice: null }];
};

/** What is over, for the event or for one of its entities. */
const OVER = new Set(["closed", "UNIMPAIRED", "RESOLVED"]);

/**
 * Affected things come as entities, and again as resources, as ids or as ARNs. Each message about an event has a
 * communication id of its own, and tells something new; its pages name different things.
 */
const ofHealth = (event: AwsEvent, region: string): Trigger[] => {
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
      if (id.startsWith("vol-")) return { about: { volumeId: id }, ...what, thorough: true, notice: null };
      // A notice is reason enough; an issue may be one of volumes or of etcd, which only a thorough look finds.
      const notice = planned ? ("scheduled-change" as const) : null;
      return { about: { instanceId: id }, ...what, thorough: !planned, notice };
    });
};

/**
 * The name of the repair that a trigger starts. A name is used up for 90 days (aws-facts §5.2): the same fact told again
 * starts nothing, another fact about the same thing does. At most 80 characters.
 */
export const repairName = (trigger: Trigger, of: { readonly uid: string; readonly member: string }): string => {
  const { about, fact, occurrence } = trigger;
  const thing = "instanceId" in about ? about.instanceId : "volumeId" in about ? about.volumeId : shortHash(of.uid);
  return [fact, of.member, thing, ...(occurrence === null ? [] : [occurrence])].join("-");
};

const hourOf = ({ time }: AwsEvent): string => time.slice(0, 13).replaceAll(/\D/g, "");

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);
