import { expect, test } from "vitest";
import { readEvent, readMember } from "./items.ts";

const key = { pk: "CLUSTER#ha", sk: "MEMBER#a" };
const interruption = { instanceId: "i-1", kind: "rebalance", receivedAt: "2026-11-01T00:00:00Z" };
const former = { zone: "us-west-2a", volumeId: "vol-1", interfaceId: null, retryAt: 1 };

test("a member that was stored under former names is read", () => {
  const record = { member: "a", health: "healthy", notice: { ...interruption, toldBy: "EC2" }, remains: [former] };
  expect(readMember({ ...key, record }).record).toMatchObject({
    interruption: { ...interruption, detectedBy: "EC2" },
    formerResources: [former],
  });
});

test("a name of today wins over a former one", () => {
  const record = { member: "a", health: "healthy", notice: null, remains: [former], formerResources: [] };
  expect(readMember({ ...key, record }).record).toMatchObject({ interruption: null, formerResources: [] });
});

test("an event that was stored with the former name of its authentication is read", () => {
  const by = { principal: "iam:x", door: "iam", sourceIp: "127.0.0.1", userAgent: "curl" };
  const record = {
    time: "2026-11-01T00:00:00Z",
    type: "create-requested",
    message: "m",
    member: null,
    operation: null,
    by,
  };
  expect(readEvent({ record })).toMatchObject({ by: { principal: "iam:x", authMethod: "iam" } });
});
