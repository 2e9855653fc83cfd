import { expect, test } from "vitest";
import { type AwsEvent, readTriggers, repairName, type Trigger } from "./triggers.ts";

const HOME = { account: "123456789012", region: "us-west-2" };
const I = "i-0123456789abcdef0";
const VOL = "vol-0123456789abcdef0";

function event(type: string, detail: Record<string, unknown>, change: Partial<AwsEvent> = {}): AwsEvent {
  return {
    "detail-type": type,
    account: HOME.account,
    region: HOME.region,
    time: "2026-11-25T18:59:59Z",
    resources: [],
    detail,
    ...change,
  };
}

function state(value: string, change: Partial<AwsEvent> = {}) {
  return event("EC2 Instance State-change Notification", { "instance-id": I, state: value }, change);
}

function group(type: string, detail: object) {
  return event(type, { AutoScalingGroupName: "g", ...detail });
}

function volume(what: string, result: string) {
  return event(
    "EBS Volume Notification",
    { event: what, result },
    {
      resources: [
        `arn:aws:ec2:us-west-2:123456789012:volume/${VOL}`,
        `arn:aws:ec2:us-west-2:123456789012:instance/${I}`,
      ],
    },
  );
}

function health(detail: Record<string, unknown>, resources: string[] = []) {
  return event(
    "AWS Health Event",
    { service: "EC2", statusCode: "open", communicationId: "c-1", ...detail },
    { resources },
  );
}

function name(trigger: Trigger | undefined) {
  return trigger && repairName(trigger, { uid: "u1", member: "a" });
}

function names(given: AwsEvent) {
  return readTriggers(given, HOME).map(name);
}

test.each<[string, AwsEvent, string[]]>([
  ["an end, however it is reported", state("terminated"), [`repair-a-${I}`]],
  ["the same end, by its group", group("EC2 Instance Terminate Successful", { EC2InstanceId: I }), [`repair-a-${I}`]],
  ["a launch", group("EC2 Instance-launch Lifecycle Action", { EC2InstanceId: I }), [`launched-a-${I}`]],
  ["a hook at the end", group("EC2 Instance-terminate Lifecycle Action", { EC2InstanceId: I }), [`held-a-${I}`]],
  ["Spot's warning", event("EC2 Spot Instance Interruption Warning", { "instance-id": I }), [`interrupted-a-${I}`]],
  ["Spot's advice", event("EC2 Instance Rebalance Recommendation", { "instance-id": I }), [`rebalance-a-${I}`]],
  ["a launch that failed", group("EC2 Instance Launch Unsuccessful", {}), ["launch-failed-a-bb82030d-2026112518"]],
  [
    "the same with an empty id",
    group("EC2 Instance Launch Unsuccessful", { EC2InstanceId: "" }),
    ["launch-failed-a-bb82030d-2026112518"],
  ],
  ["a volume deleted", volume("deleteVolume", "deleted"), [`deleteVolume-a-${VOL}`]],
  ["a volume that cannot be attached", volume("attachVolume", "failed"), [`attachVolume-a-${VOL}-2026112518`]],
  ["a volume made", volume("createVolume", "available"), []],
  ["E6: an event of another service", event("Something else", { "instance-id": I }), []],
  ["E6: an event without an instance", event("EC2 Instance Rebalance Recommendation", {}), []],
  ["E6: another account's event", state("terminated", { account: "999999999999" }), []],
  ["E6: another Region's event", state("terminated", { region: "eu-west-1" }), []],
])("%s", (_, given, expected) => {
  expect(names(given)).toEqual(expected);
});

test("E8: AWS Health names things as entities and as resources, as ids and as ARNs; each is one start", () => {
  const reported = health(
    {
      eventTypeCode: "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
      eventTypeCategory: "scheduledChange",
      affectedEntities: [
        { entityValue: I, status: "PENDING" },
        { entityValue: `arn:aws:ec2:us-west-2::volume/${VOL}` },
      ],
    },
    [I, "i-0fedcba9876543210"],
  );

  const triggers = readTriggers(reported, HOME);

  expect(triggers.map(({ about, interruption }) => ({ ...about, interruption }))).toEqual([
    { instanceId: I, interruption: "scheduled-change" },
    { volumeId: VOL, interruption: null },
    { instanceId: "i-0fedcba9876543210", interruption: "scheduled-change" },
  ]);
  expect(triggers[0]?.detectedBy).toBe("AWS Health Event: AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED");
});

test.each<[string, Record<string, unknown>]>([
  ["an event that is closed", { statusCode: "closed", affectedEntities: [{ entityValue: I }] }],
  ["an entity that is healthy again", { affectedEntities: [{ entityValue: I, status: "RESOLVED" }] }],
  ["a copy in the backup Region", { eventRegion: "us-east-1", affectedEntities: [{ entityValue: I }] }],
  ["a public event that names nothing", { eventScopeCode: "PUBLIC" }],
])("E6: AWS Health with %s starts nothing", (_, detail) => {
  expect(readTriggers(health(detail), HOME)).toEqual([]);
});

test("each message of one Health event starts once, and the next message may start again", () => {
  const reported = (communicationId: string) => health({ communicationId, affectedEntities: [{ entityValue: I }] });

  expect(names(reported("c-1"))).toEqual(names(reported("c-1")));
  expect(names(reported("c-2"))).not.toEqual(names(reported("c-1")));
});

test("an issue of Health starts a check, but is no interruption", () => {
  const [trigger] = readTriggers(health({ eventTypeCategory: "issue", affectedEntities: [{ entityValue: I }] }), HOME);

  expect(trigger).toMatchObject({ thorough: true, interruption: null });
});

test("a launch that fails again in the next hour starts again", () => {
  const at = (time: string) => names({ ...group("EC2 Instance Launch Unsuccessful", {}), time });

  expect(at("2026-11-25T18:00:00Z")).toEqual(at("2026-11-25T18:59:59Z"));
  expect(at("2026-11-25T19:00:00Z")).not.toEqual(at("2026-11-25T18:59:59Z"));
});

test("no name is longer than Step Functions allows", () => {
  const long = { about: { volumeId: VOL }, fact: "reattachVolume", occurrence: "2026112518" };
  const trigger: Trigger = { ...long, detectedBy: "", thorough: true, at: null, interruption: null };

  expect(name(trigger)?.length).toBeLessThanOrEqual(80);
});

test.each<[string, AwsEvent, Trigger]>([
  [
    "the end of an instance",
    state("terminated"),
    {
      about: { instanceId: I },
      fact: "repair",
      occurrence: null,
      detectedBy: "EC2 Instance State-change Notification: terminated",
      thorough: false,
      at: "2026-11-25T18:59:59Z",
      interruption: null,
    },
  ],
  [
    "its end by its group",
    group("EC2 Instance Terminate Successful", { EC2InstanceId: I }),
    {
      about: { instanceId: I, groupName: "g" },
      fact: "repair",
      occurrence: null,
      detectedBy: "EC2 Instance Terminate Successful",
      thorough: false,
      at: "2026-11-25T18:59:59Z",
      interruption: null,
    },
  ],
  [
    "a launch hook",
    group("EC2 Instance-launch Lifecycle Action", { EC2InstanceId: I }),
    {
      about: { instanceId: I, groupName: "g" },
      fact: "launched",
      occurrence: null,
      detectedBy: "EC2 Instance-launch Lifecycle Action",
      thorough: false,
      at: null,
      interruption: null,
    },
  ],
  [
    "Spot's warning",
    event("EC2 Spot Instance Interruption Warning", { "instance-id": I }),
    {
      about: { instanceId: I },
      fact: "interrupted",
      occurrence: null,
      detectedBy: "EC2 Spot Instance Interruption Warning",
      thorough: false,
      at: null,
      interruption: "spot-interruption",
    },
  ],
  [
    "Spot's advice",
    event("EC2 Instance Rebalance Recommendation", { "instance-id": I }),
    {
      about: { instanceId: I },
      fact: "rebalance",
      occurrence: null,
      detectedBy: "EC2 Instance Rebalance Recommendation",
      thorough: false,
      at: null,
      interruption: "rebalance",
    },
  ],
  [
    "a launch that failed",
    group("EC2 Instance Launch Unsuccessful", {}),
    {
      about: { group: "g" },
      fact: "launch-failed",
      occurrence: "2026112518",
      detectedBy: "EC2 Instance Launch Unsuccessful",
      thorough: false,
      at: null,
      interruption: null,
    },
  ],
  [
    "a volume that cannot be attached",
    volume("attachVolume", "failed"),
    {
      about: { volumeId: VOL },
      fact: "attachVolume",
      occurrence: "2026112518",
      detectedBy: "EBS Volume Notification: attachVolume failed",
      thorough: true,
      at: null,
      interruption: null,
    },
  ],
  [
    "a volume of which Health says something",
    health({ affectedEntities: [{ entityValue: VOL }] }),
    {
      about: { volumeId: VOL },
      fact: "health",
      occurrence: "a6f7ef47",
      detectedBy: "AWS Health Event: AWS Health",
      thorough: true,
      at: null,
      interruption: null,
    },
  ],
  [
    "an instance that Health will take away",
    health({ eventTypeCategory: "scheduledChange", eventTypeCode: "X", affectedEntities: [{ entityValue: I }] }),
    {
      about: { instanceId: I },
      fact: "health",
      occurrence: "a6f7ef47",
      detectedBy: "AWS Health Event: X",
      thorough: false,
      at: null,
      interruption: "scheduled-change",
    },
  ],
])("%s, in full", (_, given, expected) => {
  expect(readTriggers(given, HOME)).toEqual([expected]);
});

test.each<[string, AwsEvent]>([
  ["an id that is none", event("EC2 Instance Rebalance Recommendation", { "instance-id": `x${I}` })],
  ["an id with more behind it", event("EC2 Instance Rebalance Recommendation", { "instance-id": `${I}0` })],
  ["a launch that failed in no group", event("EC2 Instance Launch Unsuccessful", {})],
  [
    "a volume event without a volume",
    { ...volume("deleteVolume", "deleted"), resources: [`arn:aws:ec2:us-west-2:123456789012:instance/${I}`] },
  ],
  ["a volume event without a result", { ...volume("deleteVolume", "deleted"), detail: { event: "deleteVolume" } }],
  ["Health's word that is no list", health({ affectedEntities: "i-1" })],
  ["an issue of Health that is over", health({ affectedEntities: [{ entityValue: I, status: "UNIMPAIRED" }] })],
])("%s starts nothing", (_, given) => {
  expect(readTriggers(given, HOME)).toEqual([]);
});

test("an event that does not say where it is from is of this account and Region", () => {
  const { account: _, region: __, ...given } = state("stopped");

  expect(names(given)).toEqual([`repair-a-${I}`]);
});

test("AWS Health in this Region is heard, whichever Region it names as its own", () => {
  expect(names(health({ eventRegion: "us-west-2", affectedEntities: [{ entityValue: I }] }))).toEqual([
    `health-a-${I}-a6f7ef47`,
  ]);
});

test("a Health event without a communication id is named by its ARN, and without that by its time", () => {
  const of = (detail: Record<string, unknown>, change: Partial<AwsEvent> = {}) =>
    names({ ...health({ communicationId: undefined, affectedEntities: [{ entityValue: I }], ...detail }), ...change });

  expect(of({ eventArn: "arn:1" })).not.toEqual(of({ eventArn: "arn:2" }));
  expect(of({ eventArn: "arn:1" }, { time: "2026-11-25T19:59:59Z" })).toEqual(of({ eventArn: "arn:1" }));
  expect(of({}, { time: "2026-11-25T19:59:59Z" })).not.toEqual(of({}));
});
