import { expect, test } from "vitest";
import { renderPlan } from "../../../client/render/render.ts";
import { planCluster } from "../plan/plan.ts";
import { specFromDocument } from "../spec/parse-spec.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import {
  addOnOf,
  etcdVariables,
  helmOf,
  minContainerd,
  pinVersions,
  softwareVariables,
  type Versions,
  versionsOf,
} from "./pinned-versions.ts";

function specWith(given: object): ClusterSpec {
  const parsed = specFromDocument({ name: "a.example.com", zones: ["us-west-2a"], ...given });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

test("M13: a minor alone is pinned to its newest release, a patch to what was asked for", () => {
  expect(pinVersions(specWith({}))).toEqual({
    holdfast: "0.1.0",
    kubernetes: "1.36.6",
    etcd: "3.6.14",
    containerd: "1.7",
    helm: "4.2.3",
    addOns: { cloudController: "0.0.11", cloudControllerImage: "v1.36.1", ebsDriver: "2.64.0", cilium: "1.20.2" },
  });
  expect(pinVersions(specWith({ kubernetesVersion: "1.37.1" }))).toMatchObject({ kubernetes: "1.37.1", etcd: "3.7.1" });
});

test.each([
  ["calico", { calicoCrds: "3.32.1", calico: "3.32.1" }],
  ["flannel", { flannel: "0.28.9" }],
  ["amazonvpc", { amazonVpc: "1.22.3" }],
  ["kindnet", { kindnet: "1.0.2" }],
  ["cni", {}],
])("of networks, that of the cluster is pinned: %s", (networking, network) => {
  const common = { cloudController: "0.0.11", cloudControllerImage: "v1.36.1", ebsDriver: "2.64.0" };

  expect(pinVersions(specWith({ networking })).addOns).toEqual({ ...common, ...network });
});

test("F2: what is rendered later is what the record says, not what a new cluster would get", () => {
  const spec = specWith({ kubernetesVersion: "1.36" });
  const versions: Versions = { ...pinVersions(spec), kubernetes: "1.36.2", containerd: "2.0", etcd: "3.7.1" };

  expect(versionsOf({ spec, versions })).toEqual(versions);
  expect({ ...softwareVariables(versions), ...etcdVariables(versions) }).toEqual({
    KUBERNETES_VERSION: "v1.36.2",
    KUBERNETES_KEY: "DE15B14486CD377B9E876E1A234654DA9A296436",
    MIN_CONTAINERD: "2.0",
    ETCD_VERSION: "3.7.1",
    ETCD_SHA256_AMD64: "e8cd3fa8064c98137c5dbd78b76f969417ace84efb83c481041d7a52ffdd8fb9",
    ETCD_SHA256_ARM64: "d7e25e08f694b6ed7792fc7b7a891fe2c3f3d3dccfe2f3bfdb1547b0eb75b6da",
  });
});

test.each([
  ["1.35", "1.35.0", "3.6.14"],
  ["1.36", "1.36.0", "3.6.14"],
  ["1.36.2", "1.36.2", "3.6.14"],
  ["1.37", "1.37.0", "3.7.1"],
])("F2: a record of %s without versions has what its boot script had: %s with etcd %s", (asked, kubernetes, etcd) => {
  const spec = specWith({ kubernetesVersion: asked });

  expect(versionsOf({ spec })).toMatchObject({ holdfast: "0.1.0", kubernetes, etcd, helm: "4.2.3" });
});

test("a release that is pinned and no longer known is named", () => {
  const versions = { ...pinVersions(specWith({})), etcd: "3.6.1", helm: "3.0.0", addOns: { cilium: "1.0.0" } };

  expect(() => etcdVariables(versions)).toThrow("does not know etcd 3.6.1, which is pinned");
  expect(() => helmOf(versions)).toThrow("does not know Helm 3.0.0");
  expect(() => addOnOf("cilium", versions)).toThrow("does not know cilium 1.0.0");
  expect(() => addOnOf("ebsDriver", versions)).toThrow("does not know ebsDriver undefined");
});

test("MINOR 4: from Kubernetes 1.38 on, containerd 1.7 is too old", () => {
  expect(["1.35.9", "1.37.2", "1.38.0", "1.40.1"].map(minContainerd)).toEqual(["1.7", "1.7", "2.0", "2.0"]);
});

test("a plan says all that would be pinned", () => {
  expect(renderPlan(planCluster(specWith({ networking: "amazonvpc" })), "table")).toContain(
    "\nVersions   etcd 3.6.14, containerd 1.7 or newer, Helm 4.2.3, cloud controller 0.0.11, EBS driver 2.64.0, " +
      "amazon VPC 1.22.3, cloud controller image v1.36.1\n",
  );
});
