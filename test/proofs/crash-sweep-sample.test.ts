import { expect, test } from "vitest";
import { FLOWS } from "../crash-sweep/flows.ts";
import { crashSweep } from "../crash-sweep/sweep.ts";

/** Fixed, so that the same runs are done each time; `npm run crash-sweep` does all of them. */
const SEED = 1;

test.each([
  { name: "create", sample: 4 },
  { name: "repair-one", sample: 4 },
  { name: "migrate-grow", sample: 2 },
  { name: "migrate-swap", sample: 2 },
  { name: "migrate-shrink", sample: 2 },
  { name: "backup", sample: 3 },
  { name: "drill-first", sample: 2 },
  { name: "drill-next", sample: 2 },
  { name: "restore-backup", sample: 2 },
  { name: "restore-survivor", sample: 2 },
  { name: "takeover", sample: 2 },
])("$name comes out the same wherever a function is ended (sample of the crash sweep)", async ({ name, sample }) => {
  const flow = FLOWS.find((candidate) => candidate.name === name);
  if (!flow) throw new Error(`there is no flow ${name}`);
  console.log(`crash sweep of ${name}, seed ${SEED}`);

  const report = await crashSweep({ flow, sample, seed: SEED });

  expect(report.failures).toEqual([]);
});
