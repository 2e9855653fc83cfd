import { expect, test } from "vitest";
import { masterRoleName, nodeRoleName } from "../cluster/naming.ts";
import type { ClusterRecord } from "../cluster/records.ts";
import { asksForNode, type JoiningInstance, nodeSession, takesNodes, whyNoNode } from "./joining.ts";

const owner = { cluster: "prod.example.com", uid: "01kb", labels: {} };
const place = { partition: "aws", accountId: "123456789012" };
const network = { vpcId: "vpc-1", internetGatewayId: "igw-1", subnets: {}, masterGroupId: "sg-1", nodeGroupId: "sg-2" };
const cluster = { name: "prod.example.com", network };
const node: JoiningInstance = {
  state: "running",
  vpcId: "vpc-1",
  profileArn: `arn:aws:iam::123456789012:instance-profile/holdfast/${nodeRoleName(owner)}`,
  tags: { "holdfast:uid": "01kb", "holdfast:cluster": "prod.example.com", "holdfast:resource": "node" },
};

test("a node is known by the session of its own role, whose name is its id", () => {
  expect(nodeSession(owner, place, "i-0123456789abcdef0")).toBe(
    "arn:aws:sts::123456789012:assumed-role/holdfast-prod.example.com-nodes-e4b63645/i-0123456789abcdef0",
  );
});

test.each<[string, Partial<JoiningInstance>, string | undefined]>([
  ["its node", {}, undefined],
  ["its node, starting", { state: "pending" }, undefined],
  ["a node that was terminated", { state: "terminated" }, "is terminated"],
  ["a node that stops", { state: "shutting-down" }, "is shutting-down"],
  [
    "an instance of a cluster of the same name before it",
    { tags: { ...node.tags, "holdfast:uid": "01ka" } },
    "is not tagged as one of prod.example.com",
  ],
  [
    "an instance of another cluster that bears this one's uid",
    { tags: { ...node.tags, "holdfast:cluster": "other.example.com" } },
    "is not tagged as one of prod.example.com",
  ],
  ["an instance without tags", { tags: {} }, "is not tagged as one of prod.example.com"],
  [
    "a master",
    { profileArn: node.profileArn.replace(nodeRoleName(owner), masterRoleName(owner, "a")) },
    "does not have the instance profile of its nodes",
  ],
  [
    "an instance with a profile of that name elsewhere",
    { profileArn: node.profileArn.replace("/holdfast/", "/") },
    "does not have the instance profile of its nodes",
  ],
  ["an instance elsewhere", { vpcId: "vpc-2" }, "is not in its VPC"],
])("%s", (_, change, why) => {
  expect(whyNoNode({ ...node, ...change }, cluster, owner, place)).toBe(why);
});

test("a cluster without a network has no node", () => {
  expect(whyNoNode({ ...node, vpcId: "" }, { name: "prod.example.com" }, owner, place)).toBe("is not in its VPC");
});

test.each<[string, { commonNames: string[]; organizations: string[] }, boolean]>([
  ["for its own name", { commonNames: ["system:node:i-1"], organizations: ["system:nodes"] }, true],
  ["for another node's", { commonNames: ["system:node:i-2"], organizations: ["system:nodes"] }, false],
  ["for two names", { commonNames: ["system:node:i-1", "system:node:i-2"], organizations: ["system:nodes"] }, false],
  ["for an administrator", { commonNames: ["system:node:i-1"], organizations: ["system:masters"] }, false],
  ["for two groups", { commonNames: ["system:node:i-1"], organizations: ["system:nodes", "system:masters"] }, false],
  ["for nobody", { commonNames: [], organizations: [] }, false],
])("a certificate request of i-1 %s", (_, request, allowed) => {
  expect(asksForNode(request, "i-1")).toBe(allowed);
});

test.each<[Pick<ClusterRecord, "status" | "deleting">, boolean]>([
  [{ status: "CREATING" }, true],
  [{ status: "ACTIVE" }, true],
  [{ status: "FAILED" }, true],
  [{ status: "FAILED", deleting: true }, false],
  [{ status: "DELETING" }, false],
  [{ status: "DELETED" }, false],
])("a cluster that is %j takes nodes: %s", (record, takes) => {
  expect(takesNodes(record)).toBe(takes);
});
