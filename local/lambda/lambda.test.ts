import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { eventually, functionFrom, testContext } from "../testing/context.ts";
import { lambdaWith } from "../testing/lambda.ts";
import { createLambda } from "./lambda.ts";

test("a function sees its own environment, Lambda's, and nothing of this machine's but PATH", async () => {
  const source = "exports.handler = async () => process.env;";
  const lambda = lambdaWith([functionFrom(source, { environment: { CLUSTER_TABLE: "clusters" } })]);

  const { payload } = await lambda.invoke("step", "{}");

  const environment = JSON.parse(payload);
  expect(environment).toMatchObject({
    CLUSTER_TABLE: "clusters",
    AWS_REGION: "us-west-2",
    AWS_LAMBDA_FUNCTION_NAME: "step",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
  });
  expect(
    Object.keys(environment)
      .filter((name) => !name.startsWith("AWS_"))
      .sort(),
  ).toEqual(["CLUSTER_TABLE", "LAMBDA_TASK_ROOT", "LANG", "PATH", "TZ", "_HANDLER", "_X_AMZN_TRACE_ID"]);
});

test("the keys in a function's environment are those of its role", async () => {
  const context = testContext();
  const lambda = createLambda(context, { awsEndpoint: () => "http://127.0.0.1:1" });
  onTestFinished(() => lambda.close());
  lambda.putFunction(functionFrom("exports.handler = async () => process.env.AWS_ACCESS_KEY_ID;"));

  const { payload } = await lambda.invoke("step", "{}");

  expect(context.credentials.find(JSON.parse(payload))?.principal).toEqual({
    arn: "arn:aws:sts::123456789012:assumed-role/StepRole/step",
    roleArn: "arn:aws:iam::123456789012:role/StepRole",
  });
});

test("the handler is given the invocation's id, the function's ARN and the remaining time", async () => {
  const source = `exports.handler = async (event, context) => ({ event, id: context.awsRequestId,
    arn: context.invokedFunctionArn, remaining: context.getRemainingTimeInMillis() });`;
  const lambda = lambdaWith([functionFrom(source)]);

  const { payload, requestId } = await lambda.invoke("step", `{"member":"a"}`);

  const answer = JSON.parse(payload);
  expect(answer).toMatchObject({
    event: { member: "a" },
    id: requestId,
    arn: "arn:aws:lambda:us-west-2:123456789012:function:step",
  });
  expect(answer.remaining).toBeGreaterThan(2_000);
  expect(answer.remaining).toBeLessThanOrEqual(3_000);
});

const OUTCOMES = [
  {
    behaviour: "a thrown error keeps its name",
    source: `exports.handler = async () => { const e = new Error("busy"); e.name = "NotReadyYet"; throw e; };`,
    failure: { errorType: "NotReadyYet", errorMessage: "busy", trace: expect.any(Array) },
  },
  {
    behaviour: "a time-out is Sandbox.Timedout",
    source: "exports.handler = () => new Promise(() => setInterval(() => {}, 1000));",
    failure: {
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 0.30 seconds$/),
    },
  },
  {
    behaviour: "a busy loop times out too",
    source: "exports.handler = async () => { for (;;); };",
    failure: { errorType: "Sandbox.Timedout" },
  },
  {
    behaviour: "an exit is Runtime.ExitError",
    source: "exports.handler = async () => process.exit(3);",
    failure: {
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/Runtime exited with error: exit status 3$/),
    },
  },
  {
    behaviour: "an export that is not there is Runtime.HandlerNotFound",
    source: "exports.main = 1;",
    failure: { errorType: "Runtime.HandlerNotFound", errorMessage: "index.handler is undefined or not exported" },
  },
  {
    behaviour: "an error while loading is the function's error",
    source: `throw new TypeError("bad table name");`,
    failure: { errorType: "TypeError", errorMessage: "bad table name" },
  },
  {
    behaviour: "an answer above 6 MB is refused",
    source: `exports.handler = async () => "x".repeat(7e6);`,
    failure: { errorType: "Function.ResponseSizeTooLarge" },
  },
];

test.each(OUTCOMES)("$behaviour", async ({ source, failure }) => {
  const timeoutSeconds = failure.errorType === "Sandbox.Timedout" ? 0.3 : 10;
  const lambda = lambdaWith([functionFrom(source, { timeoutSeconds })]);

  const result = await lambda.invoke("step", "{}");

  expect(result.functionError).toBe("Unhandled");
  expect(JSON.parse(result.payload)).toMatchObject(failure);
});

test("running out of memory ends the environment, and the next invocation finds a fresh one", async () => {
  const source = `exports.handler = async ({ fill }) => { const kept = []; while (fill) kept.push(new Array(1e6).fill(Math.random())); return "ok"; };`;
  const lambda = lambdaWith([functionFrom(source, { timeoutSeconds: 15 })]);

  const first = await lambda.invoke("step", `{"fill":true}`);
  const second = await lambda.invoke("step", "{}");

  expect(JSON.parse(first.payload)).toMatchObject({ errorType: "Runtime.ExitError" });
  expect(second.payload).toBe(`"ok"`);
});

test("an environment that is ended while it makes keys takes nobody with it", async () => {
  const source = `exports.handler = async () => {
    const key = () => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
    for (;;) await Promise.all(Array.from({ length: 8 }, key));
  };`;
  const lambda = lambdaWith([functionFrom(source, { timeoutSeconds: 0.2 })]);

  for (let time = 0; time < 8; time++) {
    const { payload } = await lambda.invoke("step", "{}");
    expect(JSON.parse(payload)).toMatchObject({ errorType: "Sandbox.Timedout" });
  }
});

test("an environment is reused, and serves one invocation at a time", async () => {
  const source =
    "let count = 0; exports.handler = async () => { count += 1; await new Promise((r) => setTimeout(r, 20)); return count; };";
  const lambda = lambdaWith([functionFrom(source)]);

  const together = await Promise.all([lambda.invoke("step", "{}"), lambda.invoke("step", "{}")]);
  const after = await lambda.invoke("step", "{}");

  expect(together.map(({ payload }) => payload)).toEqual(["1", "1"]);
  expect(after.payload).toBe("2");
});

const BUSY = "exports.handler = () => new Promise((r) => setTimeout(r, 50));";

test.each([
  [10, 10],
  [50, 50],
  [100, 100],
  [1_000, 100],
])("1: an account of %i keeps %i unreserved", (limit, min) => {
  const lambda = lambdaWith([], { concurrency: () => limit });

  expect(() => lambda.putFunction(functionFrom(BUSY, { reservedConcurrency: limit - min + 1 }))).toThrow(
    `below its minimum value of [${min}]`,
  );
});

test("what a function prints is kept with the invocation that printed it", async () => {
  const lambda = lambdaWith([
    functionFrom(`exports.handler = async () => { console.log("placed"); console.error("late"); };`),
  ]);

  await lambda.invoke("step", "{}");

  const lines = await eventually(() => (lambda.logs("step").length === 2 ? lambda.logs("step") : undefined));
  expect(lines.map(({ text }) => text).sort()).toEqual(["late", "placed"]);
});

test.each([
  ["/aws/lambda/step", "[$LATEST]"],
  ["/holdfast/create", "step[$LATEST]"],
])(
  "15: streams in %s begin with %s: those of a group for several functions name the function",
  async (logGroup, stream) => {
    const written: string[] = [];
    const lambda = lambdaWith([functionFrom("exports.handler = async () => 1;", { logGroup })], {
      writeLog: (group, name) => written.push(`${group} ${name.slice("2026/01/02/".length, -32)}`),
    });

    await lambda.invoke("step", "{}");

    expect(new Set(written)).toEqual(new Set([`${logGroup} ${stream}`]));
  },
);

test("faults can be provoked on an invocation", async () => {
  const lambda = lambdaWith([functionFrom("exports.handler = async () => 1;")]);

  lambda.setFaults(() => "throttle");
  await expect(lambda.invoke("step", "{}")).rejects.toMatchObject({ code: "TooManyRequestsException" });
  lambda.setFaults(() => "crash-after");
  expect(await lambda.invoke("step", "{}")).toMatchObject({ functionError: "Unhandled" });
  lambda.setFaults(undefined);
  expect(await lambda.invoke("step", "{}")).toMatchObject({ payload: "1" });
});

test("only a service that the resource policy names may invoke, and only from the named source", () => {
  const lambda = lambdaWith([functionFrom("exports.handler = async () => 1;")]);
  lambda.addPermission("step", { principal: "events.amazonaws.com", sourceArn: "arn:aws:events:*:rule/Tick*" });

  const caller = (principal: string, sourceArn: string) => lambda.allows("step", { principal, sourceArn });

  expect(caller("events.amazonaws.com", "arn:aws:events:us-west-2:123456789012:rule/Tick1")).toBe(true);
  expect(caller("events.amazonaws.com", "arn:aws:events:us-west-2:123456789012:rule/Other")).toBe(false);
  expect(caller("apigateway.amazonaws.com", "arn:aws:events:us-west-2:123456789012:rule/Tick1")).toBe(false);
});

test("a debugger attaches to the function that was named, and no time-out ends it meanwhile", async () => {
  const inspect = "step:39229";
  const source = "exports.handler = async () => 'debugged';";
  const lambda = lambdaWith([functionFrom(source, { timeoutSeconds: 1 })], { inspect });
  const answer = lambda.invoke("step", "{}");

  const targets = await eventually(async () => {
    const response = await fetch("http://127.0.0.1:39229/json/list").catch(() => undefined);
    return response && z.array(z.object({ webSocketDebuggerUrl: z.string() })).parse(await response.json());
  });
  await delay(1_500);
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? "");
  onTestFinished(() => socket.close());
  socket.addEventListener("open", () => socket.send('{"id":1,"method":"Runtime.runIfWaitingForDebugger"}'));

  expect((await answer).payload).toBe('"debugged"');
});
