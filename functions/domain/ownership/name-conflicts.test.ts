import { expect, test } from "vitest";
import { evaluateName, evaluateNameRecords, isKept, leadsTo } from "./name-conflicts.ts";

function resource(id: string, uid?: string, type = "volume") {
  return { id, type, uid };
}

function evaluated(resources: ReturnType<typeof resource>[], uid?: string, parameters: string[] = []) {
  return evaluateName("ha", uid, { resources, parameters }).map(({ flag, message }) => `${flag}|${message}`);
}

test.each([
  ["nothing", [], undefined, []],
  ["the cluster's own", [resource("vol-1", "01ha"), resource("vol-2", "01ha")], "01ha", []],
  [
    "one of another tool",
    [resource("vol-1")],
    undefined,
    [
      'NAME|NAME: "ha" is the name of a cluster of kops, EKS or another tool, which has resources with the tag kubernetes.io/cluster/ha: vol-1 (volume). Choose another name, or remove these if nothing uses them',
    ],
  ],
  [
    "three of another tool, beside the cluster's own",
    [resource("vol-0", "01ha"), resource("vol-1"), resource("sg-2", undefined, "security-group"), resource("sg-3")],
    "01ha",
    [
      'NAME|NAME: "ha" is the name of a cluster of kops, EKS or another tool, which has resources with the tag kubernetes.io/cluster/ha: vol-1 (volume), sg-2 (security-group) and 1 more. Choose another name, or remove these if nothing uses them',
    ],
  ],
  [
    "what a former cluster left",
    [resource("vol-1", "01former"), resource("vol-2", "01ha")],
    "01ha",
    [
      'NAME|NAME: "ha" has resources of another cluster of that name (uid 01former): vol-1 (volume). Remove them with `holdfast delete cluster ha --yes`, or choose another name',
    ],
  ],
])("a name that bears %s", (_, resources, uid, problems) => {
  expect(evaluated(resources, uid)).toEqual(problems);
});

test("parameters below the name's path that nobody knows of refuse it", () => {
  expect(evaluated([], undefined, ["/holdfast/ha/control/authorities"])).toEqual([
    'NAME|NAME: "ha" has parameters that another wrote: /holdfast/ha/control/authorities. Remove them if nothing uses them (`aws ssm delete-parameter --name …`), or choose another name',
  ]);
});

test("what outlives a cluster on purpose says nothing", () => {
  expect(["snapshot", "image", "volume", "instance"].filter(isKept)).toEqual(["snapshot", "image"]);
});

function alias(target: string) {
  return { type: "A", alias: true, values: [target] };
}

test.each([
  [alias("hf-ha-12345678-0123456789abcdef.elb.us-west-2.amazonaws.com"), true],
  [alias("HF-HA-12345678-0123456789abcdef.elb.us-west-2.amazonaws.com"), true],
  [alias("dualstack.hf-ha-12345678-0123456789abcdef.elb.us-west-2.amazonaws.com"), true],
  [alias("hf-ha-12345679-0123456789abcdef.elb.us-west-2.amazonaws.com"), false],
  [alias("x-hf-ha-12345678-0123456789abcdef.elb.us-west-2.amazonaws.com"), false],
  [{ type: "AAAA", alias: true, values: ["hf-ha-12345678-0.elb.amazonaws.com"] }, false],
  [{ type: "A", alias: false, values: ["hf-ha-12345678-0.elb.amazonaws.com"] }, false],
])("%j leads to the cluster's balancer: %s", (record, leads) => {
  expect(leadsTo(record, "hf-ha-12345678")).toBe(leads);
});

test("the API's name is free, or the cluster's own, or refused with what it is", () => {
  const own = alias("hf-ha-12345678-0.elb.amazonaws.com");
  const evaluate = (records: Parameters<typeof evaluateNameRecords>[2], balancer?: string) =>
    evaluateNameRecords("example.com", "api.ha", records, balancer).map(({ message }) => message);

  expect(evaluate([])).toEqual([]);
  expect(evaluate([{ type: "TXT", alias: false, values: ["x"] }])).toEqual([]);
  expect(evaluate([own], "hf-ha-12345678")).toEqual([]);
  expect(evaluate([own])).toEqual([
    '--dns-zone: "example.com" has the name api.ha already (A alias of hf-ha-12345678-0.elb.amazonaws.com). Remove that record, choose another name for the cluster, or leave --dns-zone out',
  ]);
  expect(evaluate([own, { type: "AAAA", alias: false, values: ["2001:db8::1"] }], "hf-ha-12345678")).toEqual([
    '--dns-zone: "example.com" has the name api.ha already (AAAA 2001:db8::1). Remove that record, choose another name for the cluster, or leave --dns-zone out',
  ]);
});
