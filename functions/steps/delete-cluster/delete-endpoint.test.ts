import { expect, test } from "vitest";
import { Leftovers } from "../../../test/support/steps/leftovers.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { balancerName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { deleteEndpoint } from "./delete-endpoint.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };
const cluster = clusterRecord({ status: "DELETING", operation: "delete-1", hostedZoneId: "Z1" });

/** The API's name leads to this balancer. */
function newStage(target = `${balancerName(ownerOf(cluster))}-0123456789abcdef.elb.us-west-2.amazonaws.com.`) {
  const left = new Leftovers(cluster);
  left.own("load-balancer", "arn:lb", "load-balancer");
  left.own("target-group", "arn:targets", "target-group", { asks: 2 });
  left.add({ kind: "dns-record", id: `api.${NAME}`, tags: {} });
  const AliasTarget = { DNSName: target, HostedZoneId: "Z2", EvaluateTargetHealth: false };
  const aws = {
    ...left.calls,
    findAddressRecord: async () =>
      left.of("dns-record").length === 0 ? undefined : { Name: `api.${NAME}.`, Type: "A" as const, AliasTarget },
    deleteRecord: left.remove,
    deleteBalancing: left.remove,
  };
  return { store: new MemoryStore(cluster), aws, left, made: left };
}

test("the name goes before the load balancer that it leads to", async () => {
  const stage = newStage();

  await run(deleteEndpoint, stage, INPUT);

  expect(stage.left.removed).toEqual([`api.${NAME}`, "arn:lb", "arn:targets"]);
});

test("a name that leads elsewhere is somebody else's and stays", async () => {
  const stage = newStage("theirs-0123.elb.us-west-2.amazonaws.com.");

  await run(deleteEndpoint, stage, INPUT);

  expect(stage.left.ids).toEqual([`api.${NAME}`]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(deleteEndpoint, newStage, INPUT);
});
