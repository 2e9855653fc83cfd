import { ModifyEbsDefaultKmsKeyIdCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listResources } from "../support/account.ts";
import { CREATE } from "../support/create.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", account: { zonesNeedDefaultVpc: true } });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

test("M3: where groups need a default VPC and there is none, the creation says so before it makes anything", async () => {
  const before = await listResources(scenario.cloud);

  const { code, stderr } = await scenario.holdfast(...CREATE, "bare.example.com", "--yes", "--wait");

  expect(code).not.toBe(0);
  expect(stderr).toContain("ValidationError: No default subnet for availability zone: 'us-west-2a'.");
  expect(stderr).toContain("Run `aws ec2 create-default-vpc` in the cluster's Region");
  expect(await listResources(scenario.cloud)).toEqual(before);
});

test("MINOR 10: a plan says that volumes are encrypted with the account's own key", async () => {
  const KmsKeyId = "arn:aws:kms:us-west-2:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
  await scenario.ec2.send(new ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId }));

  const { code, stdout, stderr } = await scenario.holdfast(...CREATE, "keyed.example.com");

  expect(code).toBe(0);
  expect(`${stdout}${stderr}`).toContain(`volumes are encrypted with this account's default key ${KmsKeyId}`);
});
