import { expect, test } from "vitest";
import { DrillStage, HOST, INPUT } from "../../../../test/support/steps/drills.ts";
import { UID } from "../../../../test/support/steps/records.ts";
import { AGAIN, expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { DrillFailed, QuotaReached, ZoneUnavailable } from "../../../domain/cluster/errors.ts";
import { launchHost } from "./launch-host.ts";

test("1.8: the host is small, of the masters' image, in its own group, with a role that reads this cluster's snapshots", async () => {
  const stage = new DrillStage().begun();

  await run(launchHost, stage, INPUT);

  const [launch] = stage.launches;
  expect(launch).toMatchObject({
    ...{ resource: "drill/1", imageId: "ami-masters", rootDevice: "/dev/xvda", instanceType: "t3.micro" },
    ...{ securityGroupId: "sg-drill", subnetId: "subnet-us-west-2a", expiresAt: "2026-11-29T12:30:00.000Z" },
  });
  expect(launch?.userData.length).toBeLessThan(8_000);
  expect(JSON.stringify(stage.roles)).toContain(`arn:aws:s3:::*/${UID}/*/snapshot.db.gz`);
  expect(JSON.stringify(stage.roles)).not.toContain("s3:PutObject");
  expect((await stage.note())?.host).toEqual(HOST);
});

test("what EC2 lets out of a new group is taken from it before anything is launched", async () => {
  const stage = new DrillStage().begun();
  stage.refuse = () => (stage.egress.length > 0 ? new QuotaReached("the group is still open") : undefined);

  await run(launchHost, stage, INPUT);

  expect(stage.closed).toEqual(["sg-drill"]);
});

test("without capacity another zone is tried, then a larger type; at last AWS's own words are the error", async () => {
  const stage = new DrillStage().begun();
  stage.refuse = ({ subnetId, instanceType }) =>
    instanceType === "t2.micro" && subnetId === "subnet-us-west-2b" ? undefined : new ZoneUnavailable("no capacity");
  await run(launchHost, stage, INPUT);
  const none = new DrillStage().begun();
  none.refuse = () => new ZoneUnavailable("no capacity");

  expect((await stage.note())?.host?.type).toBe("t2.micro");
  await expect(run(launchHost, none, INPUT)).rejects.toThrow(new ZoneUnavailable("no capacity"));
  expect(none.launches.length).toBe(9);
});

test("a quota that is used up is its own error, and nothing else is tried", async () => {
  const stage = new DrillStage().begun();
  stage.refuse = () => new QuotaReached("VcpuLimitExceeded: …");

  await expect(run(launchHost, stage, INPUT)).rejects.toThrow(QuotaReached);
  expect(stage.launches.length).toBe(1);
});

test("nothing is launched for a cluster that is being deleted", async () => {
  await expect(run(launchHost, new DrillStage({ status: "DELETING" }).begun(), INPUT)).rejects.toThrow(DrillFailed);
});

test("a host that was launched and not noted is found again", async () => {
  const stage = new DrillStage().begun().runs();

  await run(launchHost, stage, INPUT, { begun: AGAIN });

  expect([stage.launches.length, (await stage.note())?.host?.instanceId]).toEqual([0, "i-drill"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(launchHost, () => new DrillStage().begun(), INPUT);
});
