import { expect, test } from "vitest";
import { client, recordingContext } from "../testing/service-context.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { createIam } from "./iam.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const readVolumes = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "ec2:DescribeVolumes", Resource: "*" }],
});

function createStage() {
  const context = recordingContext(new VirtualClock());
  const iam = createIam(context);
  return { context, iam, aws: client(iam.handlers), sts: client(iam.stsHandlers) };
}

test("a role's trust policy is read back URL-encoded", async () => {
  const { aws } = createStage();
  await aws("CreateRole", { RoleName: "master", Path: "/holdfast/", AssumeRolePolicyDocument: trust });

  const { Role } = await aws("GetRole", { RoleName: "master" });

  expect(Role?.Arn).toBe("arn:aws:iam::111122223333:role/holdfast/master");
  expect(Role?.AssumeRolePolicyDocument).toMatch(/^%7B%22Version%22/);
  expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(trust);
});

test("a role is deleted only when nothing hangs on it", async () => {
  const { aws } = createStage();
  await aws("CreateRole", { RoleName: "master", AssumeRolePolicyDocument: trust });
  await aws("PutRolePolicy", { RoleName: "master", PolicyName: "volumes", PolicyDocument: readVolumes });
  await aws("AttachRolePolicy", {
    RoleName: "master",
    PolicyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
  });
  await aws("CreateInstanceProfile", { InstanceProfileName: "master" });
  await aws("AddRoleToInstanceProfile", { InstanceProfileName: "master", RoleName: "master" });
  const deletion = () => aws("DeleteRole", { RoleName: "master" });

  await expect(deletion()).rejects.toMatchObject({
    code: "DeleteConflictException",
    message: expect.stringMatching(/instance profile/),
  });
  await aws("RemoveRoleFromInstanceProfile", { InstanceProfileName: "master", RoleName: "master" });
  await expect(deletion()).rejects.toMatchObject({
    code: "DeleteConflictException",
    message: expect.stringMatching(/detach all policies/),
  });
  await aws("DetachRolePolicy", {
    RoleName: "master",
    PolicyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
  });
  await expect(deletion()).rejects.toMatchObject({
    code: "DeleteConflictException",
    message: expect.stringMatching(/delete policies/),
  });
  await aws("DeleteRolePolicy", { RoleName: "master", PolicyName: "volumes" });
  await deletion();

  await expect(aws("GetRole", { RoleName: "master" })).rejects.toMatchObject({
    code: "NoSuchEntityException",
    status: 404,
  });
});

test("an instance profile gives its role, by name or by ARN", async () => {
  const { aws, iam } = createStage();
  await aws("CreateRole", { RoleName: "master", AssumeRolePolicyDocument: trust });
  const { InstanceProfile } = await aws("CreateInstanceProfile", { InstanceProfileName: "profile" });

  expect(iam.instanceRole("profile")).toBeUndefined();
  await aws("AddRoleToInstanceProfile", { InstanceProfileName: "profile", RoleName: "master" });

  const role = {
    roleName: "master",
    roleArn: "arn:aws:iam::111122223333:role/master",
    profileArn: "arn:aws:iam::111122223333:instance-profile/profile",
    profileName: "profile",
  };
  expect(iam.instanceRole("profile")).toEqual(role);
  expect(iam.instanceRole(InstanceProfile?.Arn ?? "")).toEqual(role);
  await expect(
    aws("AddRoleToInstanceProfile", { InstanceProfileName: "profile", RoleName: "master" }),
  ).rejects.toMatchObject({ code: "LimitExceededException" });
});

test("names are taken once, and policies must be policies", async () => {
  const { aws } = createStage();
  await aws("CreateRole", { RoleName: "master", AssumeRolePolicyDocument: trust });

  await expect(aws("CreateRole", { RoleName: "master", AssumeRolePolicyDocument: trust })).rejects.toMatchObject({
    code: "EntityAlreadyExistsException",
    message: "Role with name master already exists.",
  });
  await expect(
    aws("PutRolePolicy", { RoleName: "master", PolicyName: "p", PolicyDocument: "{}" }),
  ).rejects.toMatchObject({ code: "MalformedPolicyDocumentException" });
});

test("a role's inline policies have 10,240 characters together, white space not counted", async () => {
  const { aws, iam } = createStage();
  await aws("CreateRole", { RoleName: "master", AssumeRolePolicyDocument: trust });
  const sized = (characters: number) =>
    JSON.stringify(
      JSON.parse(readVolumes.replace("ec2:", `ec2:${"x".repeat(characters - readVolumes.length)}`)),
      null,
      9,
    );
  const put = (PolicyName: string, PolicyDocument: string) =>
    aws("PutRolePolicy", { RoleName: "master", PolicyName, PolicyDocument });

  await put("one", sized(6_000));
  await put("one", sized(7_000));
  await put("two", sized(3_240));
  await expect(put("two", sized(3_241))).rejects.toMatchObject({
    code: "LimitExceededException",
    message: "Maximum policy size of 10240 bytes exceeded for role master",
    status: 409,
  });

  const sizes = iam.policiesOf("arn:aws:iam::111122223333:role/master").map((each) => JSON.stringify(each).length);
  expect(sizes).toEqual([7_000, 3_240]);
});

test("the policies of a role are its inline and its customer managed ones", async () => {
  const { aws, iam } = createStage();
  const { Policy } = await aws("CreatePolicy", { PolicyName: "volumes", PolicyDocument: readVolumes });
  const role = iam.putRole({
    name: "step",
    trustPolicy: trust,
    inlinePolicies: { own: readVolumes },
    attachedPolicyArns: [Policy?.Arn ?? ""],
  });

  expect(iam.policiesOf(role.arn)).toEqual([JSON.parse(readVolumes), JSON.parse(readVolumes)]);
});

test("the operator learns who it is", async () => {
  const { sts } = createStage();

  expect(await sts("GetCallerIdentity", {})).toMatchObject({
    Account: "111122223333",
    Arn: "arn:aws:iam::111122223333:user/holdfast",
  });
});

test("a role is assumed only by those it trusts, and its keys are accepted", async () => {
  const { context, iam, sts } = createStage();
  const account = { AWS: "arn:aws:iam::111122223333:root" };
  const open = JSON.stringify({ Statement: { Effect: "Allow", Principal: account, Action: "sts:AssumeRole" } });
  const admin = iam.putRole({ name: "admin", trustPolicy: open });
  const master = iam.putRole({ name: "master", trustPolicy: trust });

  const { Credentials } = await sts("AssumeRole", { RoleArn: admin.arn, RoleSessionName: "me" });

  expect(context.credentials.find(Credentials?.AccessKeyId ?? "")?.principal).toEqual({
    arn: "arn:aws:sts::111122223333:assumed-role/admin/me",
    roleArn: admin.arn,
  });
  await expect(sts("AssumeRole", { RoleArn: master.arn, RoleSessionName: "me" })).rejects.toMatchObject({
    code: "AccessDenied",
    status: 403,
  });
});

test("R5: tag keys that differ in case only are one key to IAM, and refused", async () => {
  const { aws } = createStage();
  const tagged = aws("CreateRole", {
    RoleName: "master",
    AssumeRolePolicyDocument: trust,
    Tags: [
      { Key: "team", Value: "a" },
      { Key: "Team", Value: "b" },
    ],
  });

  await expect(tagged).rejects.toMatchObject({
    code: "InvalidInputException",
    message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
  });
});
