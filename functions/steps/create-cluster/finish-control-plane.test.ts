import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { finishControlPlane } from "./finish-control-plane.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const env = { FINISH_CONTROL_PLANE_DOCUMENT: "finish-control-plane" };

function newStage() {
  const cluster = clusterRecord({ status: "CREATING", operation: "create-1" });
  const members = [memberRecord("a", { health: "unhealthy" }), memberRecord("b"), memberRecord("c")];
  const account = new Account(cluster, members);
  return { store: new MemoryStore(cluster, members), aws: account.calls, env, account };
}

test("the first healthy master makes what is there once a cluster", async () => {
  const stage = newStage();

  await run(finishControlPlane, stage, INPUT);

  expect(stage.account.commands).toEqual([{ document: "finish-control-plane", instanceId: "i-b", parameters: {} }]);
});

test("what the host printed is the reason of the wait", async () => {
  const stage = newStage();
  stage.account.host = () => ({ ok: false, output: "kubeadm: the API server does not answer" });

  await expect(run(finishControlPlane, stage, INPUT)).rejects.toThrow(/i-b Failed kubeadm: the API server/);
});

test("a master that takes its time is not waited for inside of the function", async () => {
  const stage = newStage();
  stage.account.host = () => undefined;

  await expect(run(finishControlPlane, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect([...stage.store.commands.values()]).toMatchObject([{ instanceId: "i-b", document: "finish-control-plane" }]);
});

test("without a healthy master it is not ready", async () => {
  const stage = newStage();
  for (const member of ["b", "c"]) await stage.store.updateMember(NAME, member, { health: "unhealthy" });

  await expect(run(finishControlPlane, stage, INPUT)).rejects.toThrow(NotReadyYet);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(finishControlPlane, newStage, INPUT);
});
