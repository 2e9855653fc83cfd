import { expect, test } from "vitest";
import { INVOKE, type LambdaFake, named, oneState, pass, ROLE, stepFunctions } from "../testing/stepfunctions.ts";

function callback(fields: object = {}) {
  return oneState({
    Type: "Task",
    Resource: `${INVOKE}.waitForTaskToken`,
    Arguments: { FunctionName: "ask", Payload: { token: "{% $states.context.Task.Token %}" } },
    End: true,
    ...fields,
  });
}

/** Keeps the tokens that functions were given. */
function tokenCollector() {
  const tokens: string[] = [];
  const invokeLambda: LambdaFake = async (_, payload) => {
    if (typeof payload === "object" && payload !== null && "token" in payload) tokens.push(String(payload.token));
    return { payload: null };
  };
  return { tokens, invokeLambda };
}

test("a task with a token waits until the token comes back with its result", async () => {
  const { tokens, invokeLambda } = tokenCollector();
  const { started, aws, clock, ended } = stepFunctions({ invokeLambda });
  const executionArn = await started(callback());

  await aws("SendTaskSuccess", { taskToken: tokens[0], output: '{"approved":true}' });
  await clock.advance(0);

  const execution = await ended(executionArn);
  expect(execution).toMatchObject({ status: "SUCCEEDED", output: { approved: true } });
  expect(execution.types).toContain("TaskSubmitted");
});

test("a token that comes back with a failure fails its task", async () => {
  const { tokens, invokeLambda } = tokenCollector();
  const { started, aws, clock, ended } = stepFunctions({ invokeLambda });
  const executionArn = await started(callback());

  await aws("SendTaskFailure", { taskToken: tokens[0], error: "Refused", cause: "not today" });
  await clock.advance(0);

  expect(await ended(executionArn)).toMatchObject({ status: "FAILED", error: "Refused", cause: "not today" });
});

test("heartbeats keep a waiting task alive", async () => {
  const { tokens, invokeLambda } = tokenCollector();
  const { started, aws, clock, ended } = stepFunctions({ invokeLambda });
  const executionArn = await started(callback({ HeartbeatSeconds: 10 }));

  await clock.advance(9000);
  await aws("SendTaskHeartbeat", { taskToken: tokens[0] });
  await clock.advance(9000);
  const alive = await ended(executionArn);
  await clock.advance(1000);

  expect(alive.status).toBe("RUNNING");
  expect(await ended(executionArn)).toMatchObject({ error: "States.HeartbeatTimeout", elapsedMs: 19_000 });
});

test("a token is refused when its task is over, and when it never was one", async () => {
  const { tokens, invokeLambda } = tokenCollector();
  const { run, aws } = stepFunctions({ invokeLambda });
  await run(callback({ TimeoutSeconds: 10 }));

  await expect(aws("SendTaskSuccess", { taskToken: tokens[0], output: "1" })).rejects.toThrow("does not exist anymore");
  await expect(aws("SendTaskHeartbeat", { taskToken: "made up" })).rejects.toMatchObject({ code: "InvalidToken" });
  await expect(aws("SendTaskSuccess", { taskToken: tokens[0], output: "{" })).rejects.toMatchObject({
    code: "InvalidOutput",
  });
});

function child(pattern: string, name = "child") {
  const StateMachineArn = `arn:aws:states:us-west-2:111122223333:stateMachine:${name}`;
  return oneState({
    Type: "Task",
    Resource: `arn:aws:states:::states:startExecution${pattern}`,
    Arguments: { StateMachineArn, Name: "one", Input: { n: 1 } },
    End: true,
  });
}
const waitThenAnswer = {
  StartAt: "Wait",
  States: {
    Wait: { Type: "Wait", Seconds: 5, Next: "Answer" },
    Answer: pass({ Output: { n: "{% $states.input.n + 1 %}" } }),
  },
};
const CHILD_ARN = "arn:aws:states:us-west-2:111122223333:execution:child:one";

test("startExecution continues as soon as the child has started", async () => {
  const { run, create } = stepFunctions();
  create(waitThenAnswer, "child");

  const execution = await run(child(""));

  expect(execution).toMatchObject({ output: { ExecutionArn: CHILD_ARN }, elapsedMs: 0 });
});

test("startExecution.sync:2 waits for the child and parses its output; .sync leaves it text", async () => {
  for (const [pattern, output] of [
    [".sync:2", { n: 2 }],
    [".sync", '{"n":2}'],
  ] as const) {
    const { run, create } = stepFunctions();
    create(waitThenAnswer, "child");

    const execution = await run(child(pattern));

    expect(execution).toMatchObject({ output: { Status: "SUCCEEDED", Name: "one", Output: output }, elapsedMs: 5000 });
  }
});

test("a child that fails is States.TaskFailed, with the child's description as cause", async () => {
  const { run, create } = stepFunctions();
  create(oneState({ Type: "Fail", Error: "Broken", Cause: "why" }), "child");

  const execution = await run(child(".sync:2"));

  expect(execution).toMatchObject({ status: "FAILED", error: "States.TaskFailed" });
  expect(JSON.parse(execution.cause ?? "")).toMatchObject({
    ExecutionArn: CHILD_ARN,
    Status: "FAILED",
    Error: "Broken",
    Cause: "why",
    Input: { n: 1 },
  });
});

test("stopping a parent stops the child that it waits for", async () => {
  const { started, create, aws } = stepFunctions();
  create(waitThenAnswer, "child");
  const executionArn = await started(child(".sync:2"));

  await aws("StopExecution", { executionArn });

  expect(await aws("DescribeExecution", { executionArn: CHILD_ARN })).toMatchObject({ status: "ABORTED" });
});

test("a second child of the same name is refused under Step Functions' own error", async () => {
  const { run, create, service } = stepFunctions();
  const stateMachineArn = create(waitThenAnswer, "child");
  service.startExecution({ stateMachineArn, name: "one", input: "{}" });

  expect(await run(child(""))).toMatchObject({ error: "StepFunctions.ExecutionAlreadyExistsException" });
});

test("a role that may not start the child does not", async () => {
  const refused: string[][] = [];
  const { run, create } = stepFunctions({
    authorize: (...request) => {
      refused.push(request);
      throw named("AccessDeniedException", "not authorized to perform: states:StartExecution");
    },
  });
  create(waitThenAnswer, "child");

  expect(await run(child(""))).toMatchObject({ error: "StepFunctions.AWSStepFunctionsException" });
  expect(refused).toEqual([
    ["states:StartExecution", "arn:aws:states:us-west-2:111122223333:stateMachine:child", ROLE],
  ]);
});

function sdkTask(resource: string) {
  return oneState({ Type: "Task", Resource: `arn:aws:states:::${resource}`, Arguments: { A: 1 }, End: true });
}

test("an SDK integration calls the action under the machine's role", async () => {
  const calls: unknown[] = [];
  const { run } = stepFunctions({
    awsSdk: async (service, action, args, { roleArn }) => {
      calls.push([service, action, args, roleArn]);
      return { Vpcs: [], At: new Date(0) };
    },
  });

  const { output } = await run(sdkTask("aws-sdk:ec2:describeVpcs"));

  expect(calls).toEqual([["ec2", "describeVpcs", { A: 1 }, ROLE]]);
  expect(output).toEqual({ Vpcs: [], At: "1970-01-01T00:00:00.000Z" });
});

test.each([
  ["aws-sdk:ec2:describeVpcs", "InvalidVpcID.NotFound", "Ec2.Ec2Exception"],
  ["aws-sdk:ssm:getParameter", "ParameterNotFound", "Ssm.ParameterNotFoundException"],
  ["aws-sdk:dynamodb:putItem", "ConditionalCheckFailedException", "DynamoDb.ConditionalCheckFailedException"],
  ["dynamodb:putItem", "ConditionalCheckFailedException", "DynamoDB.ConditionalCheckFailedException"],
  ["dynamodb:putItem", "AccessDeniedException", "DynamoDB.AmazonDynamoDBException"],
])("an error of %s named %s is %s to the machine", async (resource, code, error) => {
  const { run } = stepFunctions({ awsSdk: () => Promise.reject(named(code, "no")) });

  expect(await run(sdkTask(resource))).toMatchObject({ status: "FAILED", error });
});

const putting = oneState({
  Type: "Task",
  Resource: "arn:aws:states:::events:putEvents",
  Arguments: {
    Entries: [{ Source: "holdfast", DetailType: "Cluster Active", Detail: { name: "{% $states.input.name %}" } }],
  },
  End: true,
});

test("putEvents sends the detail as text and names the execution and the machine as resources", async () => {
  const sent: unknown[] = [];
  const { run } = stepFunctions({
    putEvents: async (entries) => {
      sent.push(...entries);
      return { FailedEntryCount: 0, Entries: [{ EventId: "e-1" }] };
    },
  });

  const { output, executionArn } = await run(putting, { name: "prod" });

  expect(output).toEqual({ FailedEntryCount: 0, Entries: [{ EventId: "e-1" }] });
  expect(sent).toEqual([
    {
      Source: "holdfast",
      DetailType: "Cluster Active",
      Detail: '{"name":"prod"}',
      Resources: [executionArn, "arn:aws:states:us-west-2:111122223333:stateMachine:machine"],
    },
  ]);
});

test("an entry that the bus refuses fails the task", async () => {
  const { run } = stepFunctions({
    putEvents: async () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: "InternalFailure" }] }),
  });

  expect(await run(putting, { name: "prod" })).toMatchObject({ error: "EventBridge.FailedEntry" });
});
