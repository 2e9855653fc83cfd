import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { processOf, release, take } from "./lock.ts";

test("a run is one process's while that lives", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-lock-"));
  const run = "smoke-20261130-0123-ab12";

  expect(await processOf(directory, run)).toBeUndefined();
  await take(directory, run);
  expect(await processOf(directory, run)).toBe(process.pid);
  await release(directory, run);
  expect(await processOf(directory, run)).toBeUndefined();
  // Greater than any process's: it was killed.
  await writeFile(join(directory, run, "pid"), "4194305");
  expect(await processOf(directory, run)).toBeUndefined();
  await rm(directory, { recursive: true });
});
