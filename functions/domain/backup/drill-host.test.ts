import { expect, test } from "vitest";
import { drillResource, drillRootGiB, drillTypes, operationOfDrill } from "./drill-host.ts";

const MIB = 1024 ** 2;

test.each([
  ["a small snapshot", 20 * MIB, "t3.medium", ["t3.micro", "t2.micro", "t3.small"]],
  ["the most for one GiB of memory", 256 * MIB, "t2.medium", ["t3.micro", "t2.micro", "t3.small"]],
  ["one byte more", 256 * MIB + 1, "t3.medium", ["t3.small", "t3.medium", "t3.large"]],
  ["8 GiB", 8192 * MIB, "m5.large", ["t3.2xlarge", "r5.2xlarge"]],
  ["more than any machine has", 100 * 1024 * MIB, "m5.large", ["r5.2xlarge"]],
  ["masters on Graviton", 20 * MIB, "m6g.large", ["t4g.micro", "t4g.small", "t4g.medium"]],
  ["masters on Graviton with disks", 900 * MIB, "c7gd.xlarge", ["t4g.medium", "t4g.large", "t4g.xlarge"]],
])("1.8: the smallest type with memory for twice the data and half a GiB: %s", (_, totalSize, masterSize, types) => {
  expect(drillTypes(totalSize, masterSize)).toEqual(types);
});

test("its root volume is that of masters, or larger for much data", () => {
  expect(drillRootGiB(20 * MIB, {})).toBe(64);
  expect(drillRootGiB(20 * MIB, { masterRootVolumeGiB: 10 })).toBe(17);
  expect(drillRootGiB(20 * 1024 * MIB, {})).toBe(96);
});

test("a host says whose drill it is", () => {
  expect(operationOfDrill(drillResource("drill-1"))).toBe("drill-1");
  // Its instance is named `drill-1.CLUSTER`.
  expect(drillResource("drill-1")).toBe("drill/1");
  expect(operationOfDrill("drill/drill-1")).toBe("drill-1");
  expect([operationOfDrill("master-a"), operationOfDrill(undefined)]).toEqual([undefined, undefined]);
});
