import { expect, test } from "vitest";
import { FLOWS } from "../crash-sweep/flows.ts";
import { crashSweep } from "../crash-sweep/sweep.ts";

test.each(FLOWS.map((flow) => ({ flow, name: flow.name })))(
  "$name comes out the same, with a crash before or after any of its calls",
  async ({ flow }) => {
    const report = await crashSweep({ flow, log: console.log });

    console.log(`${flow.name}: ${report.points} calls, ${report.runs} runs, ${report.seconds} s`);
    expect(report.failures).toEqual([]);
    expect(report.runs).toBeGreaterThan(100);
  },
  3_600_000,
);
