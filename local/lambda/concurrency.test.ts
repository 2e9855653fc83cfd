import { expect, onTestFinished, test } from "vitest";
import { eventually, functionFrom, testContext } from "../testing/context.ts";
import { lambdaWith } from "../testing/lambda.ts";
import { createLambda } from "./lambda.ts";

const BUSY = "exports.handler = () => new Promise((r) => setTimeout(r, 50));";

test("above the reserved concurrency an invocation is throttled", async () => {
  const source = "exports.handler = () => new Promise((r) => setTimeout(r, 50));";
  const lambda = lambdaWith([functionFrom(source, { reservedConcurrency: 1 })]);

  const first = lambda.invoke("step", "{}");

  await expect(lambda.invoke("step", "{}")).rejects.toMatchObject({ code: "TooManyRequestsException", status: 429 });
  expect(await first).toMatchObject({ payload: "null" });
});

test("1: above the account's concurrency an invocation is throttled, whichever function it is of", async () => {
  const lambda = lambdaWith([functionFrom(BUSY), functionFrom(BUSY, { name: "other" })], { concurrency: () => 2 });

  const running = [lambda.invoke("step", "{}"), lambda.invoke("other", "{}")];

  await expect(lambda.invoke("other", "{}")).rejects.toMatchObject({
    code: "TooManyRequestsException",
    status: 429,
    fields: { Reason: "ConcurrentInvocationLimitExceeded" },
  });
  await Promise.all(running);
  expect(await lambda.invoke("other", "{}")).toMatchObject({ payload: "null" });
  expect(lambda.maxAtOnce()).toBe(2);
});

test("1: a reservation is its function's alone: others have the rest", async () => {
  const reserved = functionFrom(BUSY, { reservedConcurrency: 1 });
  const lambda = lambdaWith([reserved, functionFrom(BUSY, { name: "other" })], { concurrency: () => 101 });

  const running = Array.from({ length: 100 }, () => lambda.invoke("other", "{}"));

  await expect(lambda.invoke("other", "{}")).rejects.toMatchObject({ code: "TooManyRequestsException" });
  expect(await lambda.invoke("step", "{}")).toMatchObject({ payload: "null" });
  await Promise.all(running);
});

test("1: an event that meets a full account waits in Lambda's queue", async () => {
  const lambda = lambdaWith(
    [functionFrom(BUSY), functionFrom("exports.handler = async () => console.log(1);", { name: "later" })],
    {
      concurrency: () => 1,
    },
  );
  const running = lambda.invoke("step", "{}");

  lambda.invokeAsync("later", "{}");
  await running;

  expect(await eventually(() => lambda.logs("later")[0])).toMatchObject({ text: "1" });
});

test("an asynchronous event that fails is tried three times, then sent to the dead-letter queue", async () => {
  const sent: { targetArn: string; body: string }[] = [];
  const source = `exports.handler = async () => { console.log("tried"); throw new Error("no"); };`;
  const lambda = lambdaWith([functionFrom(source, { deadLetterArn: "arn:aws:sqs:us-west-2:123456789012:lost" })], {
    deliver: (message) => void sent.push(message),
  });

  lambda.invokeAsync("step", `{"id":7}`);
  const message = await eventually(() => sent[0]);

  expect(message).toMatchObject({ targetArn: "arn:aws:sqs:us-west-2:123456789012:lost", body: `{"id":7}` });
  await eventually(() => lambda.logs("step").length === 3);
});

test("an on-failure destination receives the record of the attempts", async () => {
  const sent: { targetArn: string; body: string }[] = [];
  const source = `exports.handler = async () => { throw new Error("no"); };`;
  const lambda = lambdaWith([functionFrom(source)], { deliver: (message) => void sent.push(message) });
  lambda.putAsyncPolicy("step", { maximumRetries: 0, onFailureArn: "arn:aws:sqs:us-west-2:123456789012:lost" });

  lambda.invokeAsync("step", `{"id":7}`);

  const { body } = await eventually(() => sent[0]);
  expect(JSON.parse(body)).toMatchObject({
    requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 1 },
    requestPayload: { id: 7 },
    responseContext: { statusCode: 200, functionError: "Unhandled" },
    responsePayload: { errorType: "Error", errorMessage: "no" },
  });
});

test("an asynchronous event that is throttled until it is too old goes to the on-failure destination", async () => {
  const sent: { targetArn: string; body: string }[] = [];
  const context = testContext();
  let now = 0;
  const sleep = async (ms: number) => {
    now += ms;
  };
  const shortRetries = { ...context, clock: { now: () => now, sleep } };
  const lambda = createLambda(shortRetries, {
    awsEndpoint: () => "http://127.0.0.1:1",
    deliver: (message) => void sent.push(message),
  });
  onTestFinished(() => lambda.close());
  lambda.putFunction(functionFrom("exports.handler = async () => 1;"));
  lambda.putAsyncPolicy("step", { onFailureArn: "arn:aws:sqs:us-west-2:123456789012:lost" });
  lambda.setFaults(() => "throttle");

  lambda.invokeAsync("step", `{"id":7}`);

  const { body } = await eventually(() => sent[0]);
  expect(JSON.parse(body)).toMatchObject({
    requestContext: { condition: "EventAgeExceeded" },
    requestPayload: { id: 7 },
  });
});
