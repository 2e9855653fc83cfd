import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  addOnFiles,
  etcdVariables,
  HELM,
  KUBERNETES_KEY,
  kubernetesMinors,
  softwareVariables,
} from "../../functions/domain/versions.ts";

test("M8: whatever a machine downloads has a sum, and no two have the same", () => {
  const sums = [
    ...Object.values(addOnFiles).map(({ sha256 }) => sha256),
    ...Object.values(HELM.sha256),
    ...new Set(kubernetesMinors.flatMap(({ etcdRelease }) => Object.values(etcdRelease.sha256))),
  ];

  expect(sums.filter((sum) => !/^[0-9a-f]{64}$/.test(sum))).toEqual([]);
  expect(new Set(sums).size).toBe(sums.length);
  expect(sums.length).toBe(14);
  expect(KUBERNETES_KEY).toMatch(/^[0-9A-F]{40}$/);
});

test("addresses name one release or commit, by HTTPS", () => {
  const moving = Object.values(addOnFiles).filter(
    ({ url }) => !/^https:\/\/\S+(-v?\d+\.\d+\.\d+\.tgz|\/[0-9a-f]{40}\/\S+\.ya?ml)$/.test(url),
  );

  expect(moving).toEqual([]);
});

test("the recipe for an image of one's own names the sums that are pinned", () => {
  const recipe = readFileSync(join(import.meta.dirname, "../../docs/images.md"), "utf8");
  const { KUBERNETES_VERSION: _, ...variables } = { ...softwareVariables("1.36"), ...etcdVariables("1.36") };

  for (const [name, value] of Object.entries(variables)) expect(recipe).toContain(`${name}=${value}`);
});

test("each minor's machines get the etcd that kubeadm pairs with it", () => {
  expect(kubernetesMinors.map(({ etcd, etcdRelease }) => etcdRelease.version.startsWith(`${etcd}.`))).toEqual([
    true,
    true,
    true,
  ]);
  expect({ ...softwareVariables("1.37.1"), ...etcdVariables("1.37.1") }).toEqual({
    KUBERNETES_VERSION: "v1.37.1",
    KUBERNETES_KEY: "DE15B14486CD377B9E876E1A234654DA9A296436",
    ETCD_VERSION: "3.7.1",
    ETCD_SHA256_AMD64: "e8cd3fa8064c98137c5dbd78b76f969417ace84efb83c481041d7a52ffdd8fb9",
    ETCD_SHA256_ARM64: "d7e25e08f694b6ed7792fc7b7a891fe2c3f3d3dccfe2f3bfdb1547b0eb75b6da",
  });
});
