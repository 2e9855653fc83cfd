import { expect, test } from "vitest";
import { ownerTags } from "../cluster/naming.ts";
import {
  groupDifferences,
  interfaceDifferences,
  internetGatewayDifferences,
  listenerDifferences,
  natGatewayDifferences,
  parameterDifferences,
  placeDifferences,
  profileDifferences,
  requireOwn,
  roleDifferences,
  subnetDifferences,
  tagDifferences,
  templateDifferences,
  volumeDifferences,
  vpcDifferences,
} from "./adoption.ts";

const OWNER = { cluster: "ha.example.com", uid: "01ha", labels: { team: "a" } };
const TAGS = ownerTags(OWNER, "volume/a", { "holdfast:member": "a" });
function without(key: string) {
  return Object.fromEntries(Object.entries(TAGS).filter(([each]) => each !== key));
}

test.each([
  ["all of them", TAGS, []],
  ["more of them", { ...TAGS, backup: "yes" }, []],
  ["no labels", without("team"), []],
  ["another uid", { ...TAGS, "holdfast:uid": "01other" }, ["its tag holdfast:uid is 01other instead of 01ha"]],
  ["no uid", without("holdfast:uid"), ["it has no tag holdfast:uid"]],
  ["another name", { ...TAGS, "holdfast:cluster": "x" }, ["its tag holdfast:cluster is x instead of ha.example.com"]],
  ["no name", without("holdfast:cluster"), ["it has no tag holdfast:cluster"]],
  ["another thing", { ...TAGS, "holdfast:resource": "vpc" }, ["its tag holdfast:resource is vpc instead of volume/a"]],
  ["another member", { ...TAGS, "holdfast:member": "b" }, ["its tag holdfast:member is b instead of a"]],
  ["no member", without("holdfast:member"), ["it has no tag holdfast:member"]],
])("tags: %s", (_, tags, differences) => {
  expect(tagDifferences(OWNER, "volume/a", tags, { "holdfast:member": "a" })).toEqual(differences);
});

const VOLUME = {
  encrypted: true,
  type: "gp3",
  zone: "us-west-2a",
  sizeGiB: 20,
  state: "available",
  attachedTo: undefined,
};

test.each([
  [{}, []],
  [{ state: "creating" }, []],
  [{ sizeGiB: 40 }, []],
  [{ sizeGiB: 19 }, ["its size is 19 GiB instead of 20 GiB"]],
  [{ encrypted: false }, ["it is not encrypted"]],
  [{ type: "gp2" }, ["its type is gp2 instead of gp3"]],
  [{ zone: "us-west-2b" }, ["its zone is us-west-2b instead of us-west-2a"]],
  [{ state: "error" }, ["its state is error"]],
  [{ state: "in-use", attachedTo: "i-1" }, ["it is attached to i-1"]],
  [{ encrypted: false, zone: "" }, ["it is not encrypted", "its zone is none instead of us-west-2a"]],
])("a volume with %j", (change, differences) => {
  const request = { zone: "us-west-2a", sizeGiB: 20 };

  expect(volumeDifferences(request, { ...VOLUME, ...change })).toEqual(differences);
});

test.each([
  ["10.0.0.10", {}, []],
  [undefined, { address: "10.0.0.77" }, []],
  ["10.0.0.10", { address: "10.0.0.77" }, ["its address is 10.0.0.77 instead of 10.0.0.10"]],
  ["10.0.0.10", { subnetId: "subnet-2" }, ["its subnet is subnet-2 instead of subnet-1"]],
  ["10.0.0.10", { type: "lambda" }, ["its type is lambda instead of interface"]],
])("an interface for address %s with %j", (address, change, differences) => {
  const found = { subnetId: "subnet-1", address: "10.0.0.10", type: "interface", ...change };

  expect(interfaceDifferences({ subnetId: "subnet-1", address }, found)).toEqual(differences);
});

test("what lies in a network lies where it would have been made", () => {
  const subnet = { vpcId: "vpc-1", cidr: "10.0.1.0/24", zone: "us-west-2a" };

  expect(vpcDifferences("10.0.0.0/16", { cidr: "10.0.0.0/16" })).toEqual([]);
  expect(vpcDifferences("10.0.0.0/16", { cidr: "10.1.0.0/16" })).toEqual([
    "its address range is 10.1.0.0/16 instead of 10.0.0.0/16",
  ]);
  expect(subnetDifferences(subnet, subnet)).toEqual([]);
  expect(subnetDifferences(subnet, { vpcId: "vpc-2", cidr: "10.0.2.0/24", zone: "us-west-2b" })).toEqual([
    "its VPC is vpc-2 instead of vpc-1",
    "its address range is 10.0.2.0/24 instead of 10.0.1.0/24",
    "its zone is us-west-2b instead of us-west-2a",
  ]);
  expect(placeDifferences("vpc-1", { vpcId: "vpc-1" })).toEqual([]);
  expect(placeDifferences("vpc-1", { vpcId: "vpc-2" })).toEqual(["its VPC is vpc-2 instead of vpc-1"]);
  expect(natGatewayDifferences("subnet-1", { subnetId: "subnet-1" })).toEqual([]);
  expect(natGatewayDifferences("subnet-1", { subnetId: "subnet-2" })).toEqual([
    "its subnet is subnet-2 instead of subnet-1",
  ]);
  expect(internetGatewayDifferences("vpc-1", [])).toEqual([]);
  expect(internetGatewayDifferences("vpc-1", ["vpc-1"])).toEqual([]);
  expect(internetGatewayDifferences("vpc-1", ["vpc-2"])).toEqual(["its VPC is vpc-2 instead of vpc-1"]);
});

test("what launches and what listens leads to the cluster's own things", () => {
  const template = { instanceProfile: "masters", interfaceId: "eni-1" };

  expect(templateDifferences(template, template)).toEqual([]);
  expect(templateDifferences(template, { instanceProfile: "admin", interfaceId: undefined })).toEqual([
    "its instance profile is admin instead of masters",
    "its interface is none instead of eni-1",
  ]);
  expect(groupDifferences("lt-1", { launchTemplateId: "lt-1" })).toEqual([]);
  expect(groupDifferences("lt-1", { launchTemplateId: "lt-2" })).toEqual([
    "its launch template is lt-2 instead of lt-1",
  ]);
  expect(listenerDifferences("tg-1", { targetGroupArn: "tg-1" })).toEqual([]);
  expect(listenerDifferences("tg-1", { targetGroupArn: undefined })).toEqual([
    "its target group is none instead of tg-1",
  ]);
});

const ROLE = {
  path: "/holdfast/",
  boundaryArn: "arn:boundary",
  trust: { Principal: { Service: "ec2.amazonaws.com" } },
};

test.each([
  [{}, []],
  [{ path: "/" }, ["its path is / instead of /holdfast/"]],
  [{ boundaryArn: undefined }, ["its permissions boundary is none instead of arn:boundary"]],
  [{ boundaryArn: "arn:wide" }, ["its permissions boundary is arn:wide instead of arn:boundary"]],
  [{ trust: { Principal: { AWS: "*" } } }, ["others than EC2 may assume it"]],
  [{ trust: null }, ["others than EC2 may assume it"]],
])("a role with %j", (change, differences) => {
  expect(roleDifferences(ROLE, { ...ROLE, ...change })).toEqual(differences);
});

test.each([
  ["/holdfast/", [], []],
  ["/holdfast/", ["masters"], []],
  ["/holdfast/", ["admin"], ["its role is admin instead of masters"]],
  ["/", ["masters"], ["its path is / instead of /holdfast/"]],
])("an instance profile in %s with the roles %j", (path, roles, differences) => {
  expect(profileDifferences({ path: "/holdfast/", role: "masters" }, { path, roles })).toEqual(differences);
});

test.each([
  ["SecureString", "SecureString", "alias/holdfast", []],
  ["SecureString", "SecureString", "alias/aws/ssm", ["its key is alias/aws/ssm instead of alias/holdfast"]],
  ["SecureString", "SecureString", undefined, ["its key is none instead of alias/holdfast"]],
  ["SecureString", "String", undefined, ["its type is String instead of SecureString"]],
  ["String", "String", undefined, []],
  ["String", "StringList", undefined, ["its type is StringList instead of String"]],
] as const)("a parameter that is to be a %s, and is a %s under %s", (kind, type, key, differences) => {
  expect(parameterDifferences(kind, { type, key })).toEqual(differences);
});

test("a refusal names the thing, all that differs, and what to do", () => {
  expect(() => requireOwn("volume vol-1", OWNER, [])).not.toThrow();
  expect(() => requireOwn("volume vol-1", OWNER, ["it is not encrypted", "its type is gp2 instead of gp3"])).toThrow(
    "volume vol-1 is there already, and is not what ha.example.com would have made: it is not encrypted; its type is gp2 " +
      "instead of gp3. It was left as it is. If nothing uses it, remove it and run the command again; otherwise choose " +
      "another name for the cluster.",
  );
});
