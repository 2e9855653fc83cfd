import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { roomyAccount } from "../../../test/support/steps/roomy-account.ts";
import { run } from "../../../test/support/steps/stage.ts";
import { ClusterBusy, ClusterUnknown, NotAllowed, SpecOutdated, SpecRejected } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, OperationRecord } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type ChangeRequest, changeCluster, type changeClusterCalls, type Machines } from "./change-cluster.ts";

const MACHINES = { create: "arn:create", update: "arn:update" };
const CLAIM = { key: "111122223333#k", requestHash: "h" };
const REQUEST: ChangeRequest = {
  cluster: NAME,
  patch: { document: { nodeCount: 5 } },
  ifMatch: undefined,
  claim: undefined,
  by: { principal: "iam:alice", authMethod: "iam", sourceIp: "192.0.2.1", userAgent: "test" },
  admit: () => {},
};

/** Executions that are open, by their names; starting one again says that it is known. */
function newStage(change: Partial<ClusterRecord> = {}, operations: readonly OperationRecord[] = [], flags = {}) {
  const executions = new Map<string, string>();
  const aws = {
    ...roomyAccount(["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"]),
    startExecution: async (arn: string, name: string) => {
      const known = executions.has(name);
      executions.set(name, arn);
      return known ? ("known" as const) : ("started" as const);
    },
  };
  return { store: new MemoryStore(clusterRecord(change, flags), [], operations), aws, executions };
}

function ask(stage: ReturnType<typeof newStage>, change: Partial<ChangeRequest> = {}, machines: Machines = MACHINES) {
  return run(
    (deps: Deps<typeof changeClusterCalls>, request: ChangeRequest) => changeCluster(deps, machines, request),
    stage,
    { ...REQUEST, ...change },
  );
}

test("a change takes the cluster, and starts the flow under the operation's name", async () => {
  const stage = newStage();

  const operation = await ask(stage);

  expect(operation).toMatchObject({ kind: "scale", status: "RUNNING" });
  expect([...stage.executions]).toEqual([[operation?.id, "arn:update"]]);
  const { status, spec, pending } = await stage.store.getCluster(NAME);
  expect({ status, count: spec.nodeCount, pending }).toEqual({
    status: "UPDATING",
    count: 5,
    pending: { fields: ["nodeCount"] },
  });
  expect(stage.store.eventTypes()).toEqual(["change-requested"]);
});

test("the same request sent again is the same operation, and is started if whoever took the cluster died before that", async () => {
  const stage = newStage();
  const dying = async () => Promise.reject(new Error("dead"));
  await expect(ask({ ...stage, aws: { ...stage.aws, startExecution: dying } }, { claim: CLAIM })).rejects.toThrow(
    "dead",
  );
  const id = (await stage.store.getCluster(NAME)).operation;

  expect((await ask(stage, { claim: CLAIM }))?.id).toBe(id);
  expect((await ask(stage, { claim: CLAIM }))?.id).toBe(id);
  expect([...stage.executions.keys()]).toEqual([id]);
});

test("what asks for nothing new is no operation", async () => {
  const stage = newStage();

  expect(await ask(stage, { patch: { document: { nodeCount: 2 } } })).toBeUndefined();
  expect(stage.executions.size).toBe(0);
});

test.each([
  ["a spec that is no more", { ifMatch: '"another"' }, SpecOutdated],
  ["a field that cannot change", { patch: { document: { networkCidr: "10.0.0.0/16" } } }, SpecRejected],
  ["a value that is none", { patch: { document: { nodeCount: -1 } } }, SpecRejected],
  [
    "who may not make it so large",
    {
      admit: () => {
        throw new NotAllowed("too large");
      },
    },
    NotAllowed,
  ],
] as const)("refused, and nothing is taken: %s", async (_, change, error) => {
  const stage = newStage();

  await expect(ask(stage, change)).rejects.toThrow(error);
  expect((await stage.store.getCluster(NAME)).operation).toBeNull();
});

test("a cluster that was deleted is unknown", async () => {
  await expect(ask(newStage({ status: "DELETED" }))).rejects.toThrow(ClusterUnknown);
});

test("while another operation runs the cluster is busy", async () => {
  const stage = newStage({ status: "REPAIRING", operation: "repair-1" }, [operationRecord("repair")]);

  await expect(ask(stage)).rejects.toThrow(ClusterBusy);
});

test("a holder whose execution has ended without a word is superseded before its lease is over", async () => {
  const stage = newStage({ status: "UPDATING", operation: "update-1" }, [operationRecord("update")]);
  stage.executions.set("update-1", "arn:update");

  const operation = await ask(stage);

  expect(operation?.kind).toBe("scale");
  expect(await stage.store.getOperation("update-1")).toMatchObject({ status: "FAILED", error: { name: "LeaseLost" } });
});

test("one that was never started runs now, and is not superseded", async () => {
  const stage = newStage({ status: "UPDATING", operation: "update-1" }, [operationRecord("update")]);

  await expect(ask(stage)).rejects.toThrow(ClusterBusy);
  expect([...stage.executions.keys()]).toEqual(["update-1"]);
});

test("a creation that stopped continues, with another size if that is asked for", async () => {
  const { network: _, endpoint: __, ...bare } = clusterRecord({ status: "FAILED" });
  const stage = newStage();
  stage.store.clusters.set(NAME, bare);

  const operation = await ask(stage);

  expect(operation?.kind).toBe("create");
  expect([...stage.executions.values()]).toEqual(["arn:create"]);
  expect((await stage.store.getCluster(NAME)).status).toBe("CREATING");
});

test("what a repair reads at each of its tries changes under it: it is the operation that does it", async () => {
  const stage = newStage({ status: "REPAIRING", operation: "repair-1" }, [operationRecord("repair")]);

  const operation = await ask(stage, { patch: { document: { masterZoneFallback: "move" } } });

  expect(operation?.id).toBe("repair-1");
  const { spec, status } = await stage.store.getCluster(NAME);
  expect({ fallback: spec.masterZoneFallback, status }).toEqual({ fallback: "move", status: "REPAIRING" });
});

test.each([
  ["a cluster that serves", { status: "ACTIVE", operation: null }],
  ["a cluster that another operation holds", { status: "REPAIRING", operation: "repair-1" }],
  ["a creation that stopped", { status: "FAILED", operation: null }],
] as const)("labels of %s are only recorded, and the same request again changes nothing", async (_, held) => {
  const stage = newStage(held, [operationRecord("repair")]);
  const patch = { document: { labels: { env: "prod" } } };

  expect([await ask(stage, { patch }), await ask(stage, { patch })]).toEqual([undefined, undefined]);
  expect(stage.executions.size).toBe(0);
  const { spec, status, operation } = await stage.store.getCluster(NAME);
  expect({ labels: spec.labels, status, operation }).toEqual({ labels: { env: "prod" }, ...held });
  expect(stage.store.eventTypes()).toEqual(["change-requested"]);
});

test("labels beside another change are recorded with it, and nothing is pending for them", async () => {
  const stage = newStage();

  const operation = await ask(stage, { patch: { document: { nodeCount: 5, labels: { env: "prod" } } } });

  expect(operation?.kind).toBe("scale");
  const { spec, pending } = await stage.store.getCluster(NAME);
  expect({ labels: spec.labels, pending }).toEqual({ labels: { env: "prod" }, pending: { fields: ["nodeCount"] } });
});

test("for who leaves creations alone, a cluster whose creation has stopped is busy, and stays as it is", async () => {
  const stage = newStage({ status: "FAILED" });

  await expect(ask(stage, {}, { ...MACHINES, create: null })).rejects.toThrow(ClusterBusy);
  expect(await stage.store.getCluster(NAME)).toMatchObject({ status: "FAILED", operation: null });
  expect(stage.executions.size).toBe(0);
});
