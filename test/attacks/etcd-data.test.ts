import { DetachVolumeCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { etcdEndpoints } from "../support/consistency/endpoints.ts";
import { watchData } from "../support/data-watch.ts";
import { story } from "../support/events.ts";
import { memberOf, memberReplaced, startScenario } from "../support/scenario.ts";

const NAME = "data.example.com";

test("U1: a single master whose volume is detached never serves other data, and has its own back", async () => {
  await using scenario = await startScenario();
  const create = ["create", "cluster", "--zones", "us-west-2a", "--master-zones", "us-west-2a", "--node-count", "1"];
  expect(await scenario.holdfast(...create, NAME, "--yes", "--wait")).toMatchObject({ code: 0 });
  const cluster = await scenario.cluster(NAME);
  const before = memberOf(cluster, "a");
  await using watch = await watchData(await etcdEndpoints(scenario, cluster));

  const begun = Date.now();
  await scenario.ec2.send(new DetachVolumeCommand({ VolumeId: before.volumeId ?? "", Force: true }));
  const healed = await memberReplaced(scenario, NAME, before, 180_000);
  const seconds = Math.round((Date.now() - begun) / 1000);

  console.log(`whole ${seconds} s after the detachment; silent for ${watch.longestSilence()} ms`);
  expect(watch.foreign).toEqual([]);
  expect(memberOf(healed, "a").volumeId).toBe(before.volumeId);
  expect(await story(scenario, NAME)).toContain(
    `The volume ${before.volumeId} of master a was detached from ${before.instanceId}`,
  );
});
