import { expect, test } from "vitest";
import type { Heartbeat } from "./heartbeats.ts";
import { countUnfinishedBoot, isContradicted, kubernetesDown } from "./kubernetes-health.ts";
import { silent } from "./member-report.ts";

const NOW = 1_800_000_000;
const heartbeat: Heartbeat = {
  uid: "01ab",
  member: "a",
  instanceId: "i-1",
  healthy: true,
  since: NOW - 9_000,
  at: NOW,
};
function down(change: Partial<Heartbeat>, retryAt?: number) {
  return kubernetesDown(
    { ...heartbeat, ...change },
    { unfinished: retryAt === undefined ? null : { count: 1, retryAt }, nowSeconds: NOW },
  )?.reason;
}

test.each<[string, Partial<Heartbeat>, string | undefined]>([
  ["nothing is wrong", { kubernetesSince: NOW - 9_000 }, undefined],
  ["kubelet is silent for a minute", { kubernetesProblem: "kubelet", kubernetesSince: NOW - 60 }, undefined],
  ["nobody says since when", { kubernetesProblem: "kubelet" }, undefined],
  [
    "kubelet is silent for longer",
    { kubernetesProblem: "kubelet", kubernetesSince: NOW - 61 },
    "kubelet does not answer, for 61 s",
  ],
  [
    "the disk is full, whatever etcd says",
    { kubernetesProblem: "disk", kubernetesSince: NOW - 61, healthy: false },
    "the root file system is full, for 61 s",
  ],
  ["U5: the API server is not ready for ten minutes", problem("api-server", 600), undefined],
  [
    "U5: the API server is not ready for longer",
    problem("api-server", 601),
    "the API server is not ready though etcd is healthy, for 601 s",
  ],
  ["U5: the boot is not finished after twenty minutes", problem("boot", 1_200), undefined],
  [
    "U5: the boot is not finished after longer",
    problem("boot", 1_201),
    "the boot is not finished though etcd is healthy: kubeadm or what it installs fails, for 1201 s",
  ],
  ["F3: the boot is not finished without a quorum", { ...problem("boot", 9_000), healthy: false }, undefined],
  ["F3: there is a quorum again for twenty minutes", { ...problem("boot", 9_000), since: NOW - 1_200 }, undefined],
])("%s", (_, change, reason) => {
  expect(down(change)).toBe(reason);
});

function problem(kubernetesProblem: "boot" | "api-server", seconds: number): Partial<Heartbeat> {
  return { kubernetesProblem, kubernetesSince: NOW - seconds };
}

test("MINOR 13: masters whose boot does not end are not replaced one after the other", () => {
  expect(down(problem("boot", 9_000), NOW * 1000 + 1)).toBeUndefined();
  expect(down(problem("boot", 9_000), NOW * 1000)).toBeDefined();
  expect(down(problem("api-server", 9_000), NOW * 1000 + 1)).toBeDefined();
});

test("MINOR 13: the pause is half an hour, and twice as long each time, to six hours; a day later it is forgotten", () => {
  const minutes = 60_000;
  const counted = [1, 2, 3, 4, 5, 6].reduce<{ count: number; retryAt: number }[]>(
    (before) => [...before, countUnfinishedBoot(before.at(-1), 0)],
    [],
  );

  expect(counted.map(({ retryAt }) => retryAt / minutes)).toEqual([30, 60, 120, 240, 360, 360]);
  expect(countUnfinishedBoot({ count: 4, retryAt: 0 }, 24 * 60 * minutes)).toEqual({
    count: 1,
    retryAt: 24.5 * 60 * minutes,
  });
});

test.each([
  ["kubelet", { kubelet: true }, true],
  ["kubelet", { kubelet: false, apiServer: true, booted: true }, false],
  ["api-server", { apiServer: true }, true],
  ["api-server", { apiServer: false, kubelet: true }, false],
  ["boot", { booted: true }, true],
  ["boot", { booted: false }, false],
  ["boot", {}, false],
  ["disk", { kubelet: true, apiServer: true, booted: true }, false],
] as const)("%s against an answer of %j: contradicted %s", (of, answer, contradicted) => {
  expect(isContradicted({ problem: of, reason: "" }, { ...silent("a"), ...answer })).toBe(contradicted);
});
