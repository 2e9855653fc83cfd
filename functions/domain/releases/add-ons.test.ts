import { expect, test } from "vitest";
import { masterPolicy, nodePolicy, policyText } from "../permissions/instance-policies.ts";
import { specFromDocument } from "../spec/parse-spec.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import { addOnsFor } from "./add-ons.ts";
import { installList } from "./install-list.ts";
import { pinVersions } from "./pinned-versions.ts";

function specWith(given: object): ClusterSpec {
  const zones = ["us-west-2a", "us-west-2b", "us-west-2c"];
  const parsed = specFromDocument({ name: "a.example.com", zones, masterZones: zones, ...given });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

function addOnsOf(given: object = {}) {
  const spec = specWith(given);
  return addOnsFor({ cluster: "a.example.com", uid: "01ab", spec, versions: pinVersions(spec) });
}

function valuesOf(name: string, given?: object): unknown {
  const from = addOnsOf(given).find((addOn) => addOn.name === name)?.from;
  return from && "values" in from ? from.values : undefined;
}

test.each([
  ["cilium", ["cilium"]],
  ["weave", ["cilium"]],
  ["calico", ["calico-crds", "calico"]],
  ["flannel", ["flannel"]],
  ["amazonvpc", ["aws-vpc-cni"]],
  ["kindnet", ["kindnet"]],
  ["cni", []],
])("a cluster with the network %s gets it, the cloud controller and the driver for volumes", (networking, networks) => {
  expect(addOnsOf({ networking }).map(({ name }) => name)).toEqual([
    ...networks,
    "aws-cloud-controller-manager",
    "aws-ebs-csi-driver",
  ]);
});

test("pods reach each other by VXLAN, in the ranges that the plan names", () => {
  expect(valuesOf("cilium")).toMatchObject({ routingMode: "tunnel", tunnelProtocol: "vxlan" });
  expect(addOnsOf({ networking: "flannel" })[0]).toMatchObject({
    name: "flannel",
    from: { replace: ["10.244.0.0/16", "100.96.0.0/11"] },
  });
  expect(valuesOf("calico", { networking: "calico" })).toMatchObject({
    installation: { calicoNetwork: { ipPools: [{ cidr: "100.96.0.0/11", encapsulation: "VXLAN" }] } },
  });
});

test("the cloud controller is of the cluster's minor, and writes routes only for a network without an overlay", () => {
  const controller = "aws-cloud-controller-manager";

  expect(valuesOf(controller, { kubernetesVersion: "1.37" })).toMatchObject({
    image: { tag: "v1.37.0" },
    args: expect.arrayContaining(["--configure-cloud-routes=false"]),
  });
  expect(valuesOf(controller, { networking: "kindnet" })).toMatchObject({
    args: expect.arrayContaining(["--configure-cloud-routes=true", "--cluster-cidr=100.96.0.0/11"]),
  });
});

test("M12: the VPC CNI's images are of its chart's release, by the tag that the public registry has", () => {
  expect(addOnsOf({ networking: "amazonvpc" })[0]?.from).toMatchObject({
    chart: { url: "https://aws.github.io/eks-charts/aws-vpc-cni-1.22.3.tgz" },
    values: {
      image: { override: "public.ecr.aws/eks/amazon-k8s-cni:v1.22.3" },
      init: { image: { override: "public.ecr.aws/eks/amazon-k8s-cni-init:v1.22.3" } },
    },
  });
});

test("volumes of pods are encrypted and carry the cluster's tags, users' ones included, and its uid", () => {
  expect(valuesOf("aws-ebs-csi-driver", { cloudLabels: { Team: "Dev" } })).toMatchObject({
    controller: {
      k8sTagClusterId: "a.example.com",
      extraVolumeTags: { Team: "Dev", "holdfast.dev/cluster-uid": "01ab" },
    },
    storageClasses: [{ parameters: { type: "gp3", encrypted: "true" } }],
  });
});

test("a cluster of one master has no second copy of anything, which would have no place", () => {
  const single = { masterZones: ["us-west-2a"] };

  expect(valuesOf("cilium", single)).toMatchObject({ operator: { replicas: 1 } });
  expect(valuesOf("aws-ebs-csi-driver", single)).toMatchObject({ controller: { replicaCount: 1 } });
});

test("what a host is given is a line an add-on, in an alphabet that no shell knows", () => {
  const chart = { url: "https://charts.test/c-1.0.0.tgz", sha256: "0".repeat(64) };
  const from = { chart, values: { note: "it's `$(a)`\t\n" } };
  const list = installList([...addOnsOf({ networking: "kindnet" }), { name: "c", namespace: "n", from }]);

  expect(list).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
  const lines = Buffer.from(list, "base64").toString().split("\n");
  expect(lines.map((line) => line.split("\t").length)).toEqual([7, 7, 7, 7, 1]);
  expect(lines[0]).toMatch(
    /^kindnet\tkube-system\thttps:\/\/raw\.githubusercontent\.com\/\S+\.yaml\t[0-9a-f]{64}\t-\t-\t-$/,
  );
});

const UID = "01kb9xq3w5e7r9t1y3v5p7m9n1";
const owner = { cluster: "x".repeat(63), uid: UID, labels: {} };
/** Of a former cluster with a name as long. */
const takesOver = `clusters/${"y".repeat(63)}/${UID}/2026-11-29T031502Z-4f1c/snapshot.db.gz`;
const place = {
  partition: "aws-us-gov",
  region: "us-gov-west-1",
  accountId: "123456789012",
  heartbeatTable: "x".repeat(80),
  apiId: "abcdefghij",
  secretsKeyArn: "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
};

test.each(["cilium", "kindnet", "amazonvpc"] as const)(
  "IAM takes the roles' policies with %s: 10,240 characters",
  (network) => {
    // EC2 lets an interface be in five groups, of which one is the cluster's own.
    const securityGroups = Array.from({ length: 4 }, (_, index) => `sg-0123456789abcdef${index}`);
    const master = masterPolicy(owner, place, { network, member: "a", securityGroups, takesOver });
    const node = nodePolicy(owner, place, { network, securityGroups });

    expect(policyText(master).length).toBeLessThanOrEqual(10_240);
    expect(policyText(node).length).toBeLessThanOrEqual(10_240);
  },
);

test("M11: masters may make every read that the EBS driver makes, as its own example policy says", () => {
  const { Statement } = masterPolicy(owner, place, { network: "cilium", member: "a", securityGroups: [] });
  const reads = Statement.filter(({ Effect, Resource }) => Effect === "Allow" && Resource === "*").flatMap(
    ({ Action }) => Action,
  );

  expect(reads).toEqual(
    expect.arrayContaining([
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeInstances",
      "ec2:DescribeTags",
      "ec2:DescribeVolumeStatus",
      "ec2:DescribeVolumes",
      "ec2:DescribeVolumesModifications",
    ]),
  );
});

test("M6: no driver of Kubernetes may remove, detach or modify what Holdfast made", () => {
  const hosts = { member: "a", securityGroups: [] };
  const changes = (["cilium", "kindnet", "amazonvpc"] as const)
    .flatMap((network) => masterPolicy(owner, place, { ...hosts, network }).Statement)
    .filter(({ Action, Effect }) => Effect === "Allow" && Action.some((action) => /:(Delete|Modify)/.test(action)))
    // Messages are what the management agent has read.
    .filter(({ Action }) => !Action.includes("ec2:DeleteRoute") && !Action.includes("ec2messages:DeleteMessage"));

  expect(changes.length).toBe(5);
  for (const { Action, Condition = {} } of changes) {
    const nulls = { ...Condition["Null"] };
    const isNotOurs =
      nulls["aws:ResourceTag/holdfast:uid"] === "true" || nulls["aws:ResourceTag/holdfast:member"] === "true";
    // Of an instance that attribute alone; of a group that an interface is put into it.
    const isHarmless =
      nulls["ec2:Attribute/SourceDestCheck"] === "false" || Action.includes("ec2:CreateNetworkInterface");
    expect({ Action, safe: isNotOurs || isHarmless }).toEqual({ Action, safe: true });
  }
});
