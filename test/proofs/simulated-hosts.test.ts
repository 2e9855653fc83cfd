import type * as ssmSdk from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNodeList } from "../../functions/domain/host/node-list.ts";
import { readMemberList } from "../../functions/domain/repair/member-list.ts";
import { readMemberReport } from "../../functions/domain/repair/member-report.ts";
import { callService } from "../../local/context/service-call.ts";
import { AwsError } from "../../local/wire/contract.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

const ZONES = "us-west-2a,us-west-2b,us-west-2c";

/** What both kinds of hosts have to do alike, as far as the product can see it. */
describe.each(["namespaces", "simulated"] as const)("on %s hosts", (hosts) => {
  const NAME = `${hosts}.example.com`;
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario({ hosts });
    const create = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--node-count", "1", NAME];
    expect(await scenario.holdfast(...create, "--yes", "--wait")).toMatchObject({ code: 0 });
  }, 120_000);
  afterAll(async () => await scenario[Symbol.asyncDispose]());

  /** What a document prints on the host of a member, and how it ended. */
  const ask = async (member: string, document: string) => {
    const { instanceId } = memberOf(await scenario.cluster(NAME), member);
    const { context, services } = scenario.cloud;
    const principal = { arn: `arn:aws:iam::${context.accountId}:user/holdfast` };
    const caller = { service: "ssm", region: context.region, principal };
    const { handlers } = services.ssm;
    const InstanceId = instanceId ?? "";
    const { Command } = await callService<typeof ssmSdk, "SendCommand">(
      handlers,
      "SendCommand",
      { DocumentName: `holdfast-${document}`, InstanceIds: [InstanceId] },
      caller,
    );
    const read = () =>
      callService<typeof ssmSdk, "GetCommandInvocation">(
        handlers,
        "GetCommandInvocation",
        { CommandId: Command?.CommandId, InstanceId },
        caller,
      ).catch((error: unknown) => {
        // SSM itself knows a new command only after a moment.
        if (error instanceof AwsError && error.code === "InvocationDoesNotExist") return undefined;
        throw error;
      });
    const answer = await eventually(
      read,
      (found) => found !== undefined && found.Status !== "InProgress" && found.Status !== "Pending",
      20_000,
    );
    return { status: answer?.Status, output: answer?.StandardOutputContent ?? "" };
  };

  test("documents answer in the form that functions read", async () => {
    const report = readMemberReport("a", (await ask("a", "member-health")).output);
    const members = readMemberList((await ask("b", "list-members")).output);
    const nodes = readNodeList((await ask("c", "list-nodes")).output);
    const ready = await ask("a", "api-ready");

    expect(report).toMatchObject({ member: "a", reachable: true, healthy: true });
    expect([report.clusterId, report.memberId, report.leaderId].every((id) => /^\d{10,20}$/.test(id ?? ""))).toBe(true);
    expect(members.map(({ name, learner }) => `${name} ${learner}`).sort()).toEqual(["a false", "b false", "c false"]);
    expect(nodes.map(({ ready: isReady }) => isReady)).toEqual([true]);
    expect(ready).toEqual({ status: "Success", output: "ok" });
  });

  test("a terminated master is the same member again", async () => {
    const before = memberOf(await scenario.cluster(NAME), "a");
    const ids = readMemberList((await ask("b", "list-members")).output).map(({ id }) => id);

    await scenario.terminate(before.instanceId ?? "");
    const healed = await memberReplaced(scenario, NAME, before, 60_000);

    expect(memberOf(healed, "a").volumeId).toBe(before.volumeId);
    expect(readMemberList((await ask("b", "list-members")).output).map(({ id }) => id)).toEqual(ids);
  });

  test("a lost volume is a new member at the old place", async () => {
    const before = memberOf(await scenario.cluster(NAME), "b");
    const idOf = async () =>
      readMemberList((await ask("a", "list-members")).output).find(({ name }) => name === "b")?.id;
    const former = await idOf();

    await scenario.holdfast("local", "fault", "volume", "lose", `${NAME}/b`);
    await scenario.reconcile();
    const healed = await memberReplaced(scenario, NAME, before, 90_000);

    expect(memberOf(healed, "b").volumeId).not.toBe(before.volumeId);
    expect(await idOf()).not.toBe(former);
  }, 150_000);
});
