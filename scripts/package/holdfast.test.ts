import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("with a Node that is too old the package says so, and starts nothing", () => {
  const older = join(mkdtempSync(join(tmpdir(), "holdfast-node-")), "older.cjs");
  writeFileSync(
    older,
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });',
  );

  const launcher = join(import.meta.dirname, "holdfast.cjs");
  const { status, stderr } = spawnSync(process.execPath, ["-r", older, launcher], { encoding: "utf8" });

  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "holdfast needs Node 22 or later (this is 20.20.2)\n",
  });
});
