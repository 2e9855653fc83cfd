import { expect, test } from "vitest";
import { createStage } from "../testing/ssm.ts";

const document = {
  schemaVersion: "2.2",
  parameters: {
    endpoint: { type: "String", allowedPattern: "^[0-9.]+$" },
    action: { type: "String", allowedValues: ["add", "remove"], default: "add" },
  },
  mainSteps: [
    {
      action: "aws:runShellScript",
      name: "etcd",
      inputs: { timeoutSeconds: "20", runCommand: ["set -e", "member {{ action }} https://{{endpoint}}:2380"] },
    },
  ],
};

function online() {
  const stage = createStage();
  stage.hosts.setAgent("i-1", true);
  return stage;
}

const shell = { DocumentName: "AWS-RunShellScript", InstanceIds: ["i-1"] };

test("a shell script runs on the host, and its result is read once the invocation is visible", async () => {
  const { aws, clock, hosts } = online();
  hosts.answer = async () => ({ exitCode: 0, stdout: "hello\n", stderr: "", timedOut: false });

  const { Command } = await aws("SendCommand", {
    ...shell,
    Parameters: { commands: ["echo hello", "true"], executionTimeout: ["60"] },
  });
  const read = { CommandId: Command?.CommandId, InstanceId: "i-1" };
  await expect(aws("GetCommandInvocation", read)).rejects.toMatchObject({ code: "InvocationDoesNotExist" });
  await clock.advance(100);

  expect(hosts.scripts).toEqual([{ instanceId: "i-1", script: "echo hello\ntrue", timeoutMs: 60_000 }]);
  expect(await aws("GetCommandInvocation", read)).toMatchObject({
    Status: "Success",
    StatusDetails: "Success",
    ResponseCode: 0,
    StandardOutputContent: "hello\n",
  });
  expect((await aws("ListCommands", { CommandId: Command?.CommandId })).Commands?.[0]).toMatchObject({
    Status: "Success",
    TargetCount: 1,
    CompletedCount: 1,
  });
});

test("a failing script reports its exit code, and long output is cut", async () => {
  const { aws, clock, hosts } = online();
  hosts.answer = async () => ({ exitCode: 3, stdout: "o".repeat(30_000), stderr: "e".repeat(9_000), timedOut: false });

  const { Command } = await aws("SendCommand", { ...shell, Parameters: { commands: ["false"] } });
  await clock.advance(100);
  const result = await aws("GetCommandInvocation", { CommandId: Command?.CommandId, InstanceId: "i-1" });
  const list = await aws("ListCommandInvocations", { CommandId: Command?.CommandId, Details: true });

  expect(result).toMatchObject({ Status: "Failed", ResponseCode: 3 });
  expect(result.StandardOutputContent).toHaveLength(24_000);
  expect(result.StandardErrorContent).toHaveLength(8_000);
  expect(list.CommandInvocations?.[0]?.CommandPlugins?.[0]?.Output).toHaveLength(2_500);
});

test("a script that takes too long is TimedOut by execution", async () => {
  const { aws, clock, hosts } = online();
  hosts.answer = async () => ({ exitCode: 124, stdout: "", stderr: "", timedOut: true });

  const { Command } = await aws("SendCommand", { ...shell, Parameters: { commands: ["sleep 99"] } });
  await clock.advance(100);

  expect(await aws("GetCommandInvocation", { CommandId: Command?.CommandId, InstanceId: "i-1" })).toMatchObject({
    Status: "TimedOut",
    StatusDetails: "Execution Timed Out",
    ResponseCode: -1,
  });
});

test("a command whose host dies stays in progress until its time is up", async () => {
  const { aws, clock, hosts } = online();
  hosts.answer = async () => {
    throw new Error("agent lost");
  };
  const { Command } = await aws("SendCommand", {
    ...shell,
    Parameters: { commands: ["true"], executionTimeout: ["30"] },
  });
  const read = { CommandId: Command?.CommandId, InstanceId: "i-1" };

  await clock.advance(29_000);
  expect((await aws("GetCommandInvocation", read)).Status).toBe("InProgress");
  await clock.advance(2_000);

  expect((await aws("GetCommandInvocation", read)).Status).toBe("TimedOut");
});

test("an instance whose agent is not online is an InvalidInstanceId", async () => {
  const { aws, hosts } = online();
  const send = () => aws("SendCommand", { ...shell, Parameters: { commands: ["true"] } });
  hosts.setAgent("i-1", false);

  await expect(send()).rejects.toMatchObject({
    code: "InvalidInstanceId",
    message: "Instances [[i-1]] not in a valid state for account 111122223333",
  });
  expect((await aws("DescribeInstanceInformation", {})).InstanceInformationList).toMatchObject([
    { InstanceId: "i-1", PingStatus: "ConnectionLost" },
  ]);
});

test("our own document fills in its parameters", async () => {
  const { aws, clock, hosts, ssm } = online();
  ssm.putDocument({ name: "holdfast-etcd", content: document });

  await aws("SendCommand", {
    DocumentName: "holdfast-etcd",
    InstanceIds: ["i-1"],
    Parameters: { endpoint: ["10.0.0.7"] },
  });
  await clock.advance(1);

  expect(hosts.scripts).toEqual([
    { instanceId: "i-1", script: "set -e\nmember add https://10.0.0.7:2380", timeoutMs: 20_000 },
  ]);
});

test.each([
  ["a value outside the allowed pattern", { endpoint: ["10.0.0.7; reboot"] }, /does not match the allowed pattern/],
  ["a value that is not allowed", { endpoint: ["10.0.0.7"], action: ["destroy"] }, /not one of the allowed values/],
  ["a parameter it does not declare", { endpoint: ["10.0.0.7"], extra: ["x"] }, /extra is not defined/],
  ["no value for what it needs", {}, /endpoint requires a value/],
])("a document with %s is refused and nothing runs", async (_, Parameters, message) => {
  const { aws, hosts, ssm } = online();
  ssm.putDocument({ name: "holdfast-etcd", content: document });

  const send = aws("SendCommand", { DocumentName: "holdfast-etcd", InstanceIds: ["i-1"], Parameters });

  await expect(send).rejects.toMatchObject({ code: "InvalidParameters", message: expect.stringMatching(message) });
  expect(hosts.scripts).toEqual([]);
});

test("a document that is no command document is refused", async () => {
  const { aws } = createStage();
  const content = JSON.stringify({ ...document, schemaVersion: "0.3" });

  await expect(aws("CreateDocument", { Name: "holdfast-etcd", Content: content })).rejects.toMatchObject({
    code: "InvalidDocumentContent",
  });
});

test("a document is created once, described and deleted", async () => {
  const { aws } = createStage();
  const request = { Name: "holdfast-etcd", Content: JSON.stringify(document) };
  await aws("CreateDocument", request);

  await expect(aws("CreateDocument", request)).rejects.toMatchObject({ code: "DocumentAlreadyExists" });
  expect((await aws("DescribeDocument", { Name: "holdfast-etcd" })).Document).toMatchObject({
    Owner: "111122223333",
    Parameters: [{ Name: "endpoint" }, { Name: "action", DefaultValue: "add" }],
  });
  await aws("DeleteDocument", { Name: "holdfast-etcd" });
  await expect(aws("GetDocument", { Name: "holdfast-etcd" })).rejects.toMatchObject({ code: "InvalidDocument" });
});

test("targets choose the online instances that carry a tag", async () => {
  const { aws, clock, ec2, hosts } = createStage();
  for (const value of ["demo", "other"]) {
    await ec2.handlers.RunInstances?.(
      { MinCount: 1, MaxCount: 1, TagSpecifications: [{ Tags: [{ Key: "cluster", Value: value }] }] },
      { requestId: "", service: "ec2", operation: "RunInstances", region: "us-west-2", principal: { arn: "" } },
    );
  }
  hosts.setAgent("i-1", true);
  hosts.setAgent("i-2", true);

  await aws("SendCommand", {
    DocumentName: "AWS-RunShellScript",
    Targets: [{ Key: "tag:cluster", Values: ["demo"] }],
    Parameters: { commands: ["true"] },
  });
  await clock.advance(1);

  expect(hosts.scripts.map(({ instanceId }) => instanceId)).toEqual(["i-1"]);
});

test("a terminated instance is no longer managed", async () => {
  const { aws, ec2, hosts } = createStage();
  const id = ec2.add();
  hosts.setAgent(id, true);

  ec2.setState(id, "terminated");

  expect((await aws("DescribeInstanceInformation", {})).InstanceInformationList).toEqual([]);
});
