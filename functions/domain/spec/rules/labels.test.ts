import { expect, test } from "vitest";
import type { Findings } from "../values.ts";
import { readCloudLabels } from "./labels.ts";

function read(value: unknown) {
  const findings: Findings = { problems: [], warnings: [] };
  const labels = readCloudLabels({ flag: "--cloud-labels", value }, "prod.example.com", findings);
  return { labels, messages: findings.problems.map(({ message }) => message), warnings: findings.warnings };
}

test.each([
  ["Team=Dev,Owner=John Doe", { Team: "Dev", Owner: "John Doe" }],
  ['Team="Dev=Ops",Owner=Me', { Team: "Dev=Ops", Owner: "Me" }],
  ['"a key"="a value"', { "a key": "a value" }],
  ["Empty=", { Empty: "" }],
  [{ Team: "Dev" }, { Team: "Dev" }],
])("%j are labels", (value, expected) => {
  expect(read(value)).toEqual({ labels: expected, messages: [], warnings: [] });
});

test.each([
  ["Team", /exactly key=value/],
  ["a=b=c", /exactly key=value/],
  ["a=b,", /exactly key=value/],
  ["=b", /a key is missing/],
  ["a=1,a=2", /"a" is given twice/],
  ["Name=x", /"Name" is reserved/],
  ["name=x", /"name" is reserved: every resource gets its own/],
  ["a=1,A=2", /"a" and "A" differ in case only, which IAM does not see/],
  ["KubernetesCluster=x", /reserved/],
  ["CSIVolumeName=x", /reserved: the EBS driver takes volumes that carry it for its own/],
  ["ebs.csi.aws.com/cluster=true", /reserved: Kubernetes' storage drivers take what carries such keys for their own/],
  ["elbv2.k8s.aws/cluster=x", /reserved: the AWS load balancer controller/],
  ["node.k8s.amazonaws.com/no_manage=true", /reserved: the AWS VPC CNI/],
  ["k8s.io/cluster-autoscaler/enabled=1", /reserved: kops and Kubernetes' autoscaler/],
  ["kubernetes.io/created-for/pvc/name=x", /reserved: Kubernetes' cloud controller/],
  ["kubernetes.io/cluster/prod.example.com=shared", /reserved/],
  ["kubernetes.io/cluster/x=owned", /reserved/],
  ["k8s.io/role/master=1", /reserved/],
  ["kops.k8s.io/instancegroup=x", /reserved/],
  ["AWS:x=y", /reserved/],
  ["holdfast:cluster=x", /reserved/],
  ["a=$(x)", /not allowed in a label/],
  [`${"k".repeat(129)}=v`, /longer than 128/],
  [`k=${"v".repeat(257)}`, /longer than 256/],
  [Array.from({ length: 41 }, (_, index) => `k${index}=v`).join(), /at most 40/],
  [{ a: 1 }, /is not text/],
  [["a=b"], /not a mapping/],
])("%j are refused", (value, message) => {
  expect(read(value).messages).toEqual([expect.stringMatching(message)]);
});

test.each(["team.example.com/owner=a", "namespace=a", "my-k8s.io=a", "notk8s.io/a=b"])("%j is nobody's", (value) => {
  expect(read(value).messages).toEqual([]);
});

test("R16: the cluster's own tag of Kubernetes is set anyway, so it is tolerated with a warning", () => {
  expect(read("Team=Dev,kubernetes.io/cluster/prod.example.com=owned")).toEqual({
    labels: { Team: "Dev" },
    messages: [],
    warnings: ["--cloud-labels: kubernetes.io/cluster/prod.example.com=owned is set on every resource anyway."],
  });
});
