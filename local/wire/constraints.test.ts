import * as autoScaling from "@aws-sdk/client-auto-scaling";
import * as ec2 from "@aws-sdk/client-ec2";
import * as iam from "@aws-sdk/client-iam";
import * as ssm from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { startWire } from "../testing/wire.ts";
import { defineService } from "./service.ts";

const services = [
  defineService(ec2, "EC2Client", { CreateVolume: () => ({}), DescribeInstances: () => ({}) }),
  defineService(iam, "IAMClient", { CreateRole: () => ({ Role: undefined }) }),
  defineService(ssm, "SSMClient", { PutParameter: () => ({}), DescribeParameters: () => ({}) }),
  defineService(autoScaling, "AutoScalingClient", { CreateAutoScalingGroup: () => ({}) }),
];
const ROLE = { RoleName: "a", AssumeRolePolicyDocument: "{}" };

test("what the models allow comes through", async () => {
  await using cloud = await startWire({ services });
  const client = new iam.IAM(cloud.client);

  await expect(client.createRole({ ...ROLE, Path: "/holdfast/", MaxSessionDuration: 3600 })).resolves.toBeDefined();
});

test.each<[string, (cloud: { client: object }) => Promise<unknown>, string, RegExp]>([
  [
    "a value that is not of its enumeration",
    ({ client }) => new ssm.SSM(client).putParameter({ Name: "n", Value: "v", Type: "Secret" as "String" }),
    "ValidationException",
    /Value 'Secret' at 'type' failed .* enum value set: \[String, StringList, SecureString\]/,
  ],
  [
    "a text that is not of its pattern",
    ({ client }) => new iam.IAM(client).createRole({ ...ROLE, RoleName: "a role" }),
    "ValidationError",
    /Value 'a role' at 'roleName' failed .* regular expression pattern/,
  ],
  [
    "a text that is too long",
    ({ client }) => new iam.IAM(client).createRole({ ...ROLE, RoleName: "a".repeat(65) }),
    "ValidationError",
    /at 'roleName' failed .* length less than or equal to 64/,
  ],
  [
    "a number that is too small",
    ({ client }) => new iam.IAM(client).createRole({ ...ROLE, MaxSessionDuration: 60 }),
    "ValidationError",
    /Value '60' at 'maxSessionDuration' failed .* value greater than or equal to 3600/,
  ],
  [
    "an item of a list",
    ({ client }) => new iam.IAM(client).createRole({ ...ROLE, Tags: [{ Key: "", Value: "v" }] }),
    "ValidationError",
    /at 'tags\.1\.member\.key' failed .* regular expression pattern/,
  ],
  [
    "a value of EC2's, in EC2's words",
    ({ client }) =>
      new ec2.EC2(client).createVolume({ AvailabilityZone: "us-west-2a", VolumeType: "floppy" as "gp3", Size: 1 }),
    "InvalidParameterValue",
    /Value \(floppy\) for parameter VolumeType is invalid/,
  ],
])("%s is refused as the service refuses it", async (_, call, name, message) => {
  await using cloud = await startWire({ services });

  await expect(call(cloud)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
});
