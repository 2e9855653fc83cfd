import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { etcdVariables, pinVersions, softwareVariables } from "./pinned-versions.ts";
import {
  addOnReleases,
  etcdReleases,
  HOLDFAST_VERSION,
  helmReleases,
  KUBERNETES_KEY,
  kubernetesMinors,
} from "./versions.ts";

const cilium = { requested: "cilium", used: "cilium" } as const;

test("M8: whatever a machine downloads has a sum, and no two have the same", () => {
  const sums = [
    ...Object.values(addOnReleases).flatMap((releases) => releases.map(({ sha256 }) => sha256)),
    ...[...helmReleases, ...etcdReleases].flatMap(({ sha256 }) => Object.values(sha256)),
  ];

  expect(sums.filter((sum) => !/^[0-9a-f]{64}$/.test(sum))).toEqual([]);
  expect(new Set(sums).size).toBe(sums.length);
  expect(sums.length).toBe(14);
  expect(KUBERNETES_KEY).toMatch(/^[0-9A-F]{40}$/);
});

test("addresses name one release or commit, by HTTPS", () => {
  const moving = Object.values(addOnReleases)
    .flat()
    .filter(({ url }) => !/^https:\/\/\S+(-v?\d+\.\d+\.\d+\.tgz|\/[0-9a-f]{40}\/\S+\.ya?ml)$/.test(url));

  expect(moving).toEqual([]);
});

test("the recipe for an image of one's own names the sums that are pinned", () => {
  const recipe = readFileSync(join(import.meta.dirname, "../../../docs/images.md"), "utf8");
  const versions = pinVersions({ kubernetesVersion: "1.36", networking: cilium });
  const variables = { ...softwareVariables(versions), ...etcdVariables(versions) };

  for (const [name, value] of Object.entries(variables)) expect(recipe).toContain(`${name}=${value}`);
});

test("each minor's machines get the etcd that kubeadm pairs with it", () => {
  expect(kubernetesMinors.map(({ etcd, etcdRelease }) => etcdRelease.version.startsWith(`${etcd}.`))).toEqual([
    true,
    true,
    true,
  ]);
  expect(kubernetesMinors.filter(({ etcdRelease }) => !etcdReleases.includes(etcdRelease))).toEqual([]);
});

test("M13: each minor's newest release is one of its own, and not its first", () => {
  expect(kubernetesMinors.map(({ minor, patch }) => [patch.startsWith(`${minor}.`), patch.endsWith(".0")])).toEqual(
    kubernetesMinors.map(() => [true, false]),
  );
});

test("the release that clusters are recorded with is this program's", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8");

  expect(JSON.parse(text)).toMatchObject({ version: HOLDFAST_VERSION });
});
