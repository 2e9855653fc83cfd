import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { CREATING, expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import type { TemplateRequest } from "../../aws/ec2/launch-templates.ts";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import type { GroupFacts } from "../../domain/drift/group-drift.ts";
import { addNodes } from "./add-nodes.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const env = { AWS_REGION: "us-west-2", NODE_API_URL: "https://api.test" };

/** Groups of nodes by name, each with its size. */
function newStage({ count = "5", more = {} } = {}) {
  const made = {
    sizes: new Map<string, number>(),
    templates: new Set<string>(),
    roots: new Set<number>(),
    groups: [] as readonly string[],
  };
  const facts = (name: string, desired: number): GroupFacts => {
    const sizes = { minSize: desired, maxSize: desired, desired };
    return { name, uid: "", launchTemplateId: "lt-node", ...sizes, suspended: [], instances: [] };
  };
  const aws = {
    ensureLaunchTemplate: async (_: unknown, { name, rootVolumeGiB }: TemplateRequest) => {
      made.templates.add(name);
      made.roots.add(rootVolumeGiB);
      return "lt-node";
    },
    setNodeGroups: async (_: unknown, groups: readonly string[]) => {
      made.groups = groups;
    },
    findGroups: async (names: readonly string[]) =>
      new Map(
        names.flatMap((name) => {
          const size = made.sizes.get(name);
          return size === undefined ? [] : [[name, facts(name, size)] as const];
        }),
      ),
    resizeGroup: async ({ name }: GroupFacts, size: number) => void made.sizes.set(name, size),
    ensureNodeGroup: async (_: unknown, { name, size }: { readonly name: string; readonly size: number }) =>
      void made.sizes.set(name, size),
  };
  const cluster = clusterRecord({ status: "CREATING", operation: "create-1" }, { "--node-count": count, ...more });
  return { store: new MemoryStore(cluster), aws, env, made };
}

test("each zone has a group with its share of the nodes, all from one launch template", async () => {
  const stage = newStage();

  await run(addNodes, stage, INPUT, { begun: CREATING });

  expect([...stage.made.sizes.values()].toSorted()).toEqual([1, 2, 2]);
  expect(stage.made.templates.size).toBe(1);
});

test("a node's root volume has the size of the spec", async () => {
  const stage = newStage({ more: { "--node-volume-size": "20" } });

  await run(addNodes, stage, INPUT, { begun: CREATING });

  expect([...stage.made.roots]).toEqual([20]);
});

test("fewer nodes shrink the groups that are there; none are made for nothing", async () => {
  const stage = newStage();
  await run(addNodes, stage, INPUT);
  const { spec } = clusterRecord({}, { "--node-count": "1" });
  stage.store.clusters.set(NAME, { ...(await stage.store.getCluster(NAME)), spec });

  await run(addNodes, stage, INPUT);

  expect([...stage.made.sizes.values()].toSorted()).toEqual([0, 0, 1]);
});

test("without nodes nothing is made", async () => {
  const stage = newStage({ count: "0" });

  await run(addNodes, stage, INPUT, { begun: CREATING });

  expect(stage.made.sizes.size).toBe(0);
  expect(stage.made.templates.size).toBe(0);
});

test("a later run gives the interfaces of the nodes that run the spec's security groups", async () => {
  const stage = newStage();

  await run(addNodes, stage, INPUT);

  expect(stage.made.groups).toEqual(["sg-nodes"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(addNodes, newStage, INPUT);
});

test("a template that is another's ends it with OwnershipConflict", async () => {
  const taken = async () => Promise.reject(new OwnershipConflict("lt-9 is another's"));
  const stage = newStage();

  await expect(run(addNodes, { ...stage, aws: { ...stage.aws, ensureLaunchTemplate: taken } }, INPUT)).rejects.toThrow(
    OwnershipConflict,
  );
});
