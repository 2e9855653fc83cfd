import { expect, test } from "vitest";
import { type CallContext, ConnectionLost } from "../wire/contract.ts";
import { ActiveFault } from "./active-fault.ts";
import { CallFaults } from "./calls.ts";
import { LambdaFaults, lambdaFault } from "./kinds/lambda.ts";

/** An invocation with this payload, under a fault; `send` makes its next call and says whether it took effect. */
async function underFault(more: object, payload = '{"cluster":"one"}') {
  const crashes: string[] = [];
  const calls = new CallFaults();
  const invocation = { functionName: "create", requestId: "r", payload, crash: async () => void crashes.push("crash") };
  const faults = new LambdaFaults({ setFaults: () => undefined, invocationOf: () => invocation }, calls);
  const request = lambdaFault.parse({ kind: "lambda", count: 1, ...more });
  const active = new ActiveFault("fault-1", request, { now: () => 0, onUsedUp: () => active.markEnded("count") });
  await faults.start(request, active);
  const send = async (operation: string) => {
    const call: CallContext = { requestId: "c", service: "ec2", operation, region: "r", principal: { arn: "arn" } };
    let effect = false;
    const error = await calls
      .intercept(call, {}, async () => {
        effect = true;
      })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    return { effect, error };
  };
  return { send, crashes };
}

test("a lost call takes effect, its connection breaks, and its environment lives on", async () => {
  const { send, crashes } = await underFault({ action: "lose-call", operation: "CreateVpc" });

  const lost = await send("CreateVpc");

  expect(lost).toMatchObject({ effect: true, error: expect.any(ConnectionLost) });
  expect(crashes).toEqual([]);
  expect(await send("CreateVpc")).toEqual({ effect: true, error: undefined });
});

test("a throttled call does nothing, and answers as the service does", async () => {
  const { send } = await underFault({ action: "throttle-call", call: 2 });

  expect(await send("CreateVpc")).toMatchObject({ effect: true });
  expect(await send("CreateSubnet")).toMatchObject({ effect: false, error: { code: "RequestLimitExceeded" } });
});

test("of several texts to match, one is enough, and without any of them nothing happens", async () => {
  const match = ["i-0123", '"cluster":"one"'];

  const struck = await underFault({ action: "crash-before-call", match });
  const other = await underFault({ action: "crash-before-call", match }, '{"cluster":"two"}');

  expect(await struck.send("CreateVpc")).toMatchObject({ effect: false });
  expect(struck.crashes).toEqual(["crash"]);
  expect(await other.send("CreateVpc")).toMatchObject({ effect: true });
});
