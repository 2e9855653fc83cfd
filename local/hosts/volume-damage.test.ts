import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { damageEtcdData } from "./volume-damage.ts";

/** Two frames as etcd writes them: a record without a checksum and four bytes of padding, then one of ten bytes. */
const LOG = Buffer.from("0400000000000084080410000000000a00000000000080080110bbaa1a02ffee0000".padEnd(160, "0"), "hex");
const SECOND_RECORD = { start: 24, end: 34 };

test("a flipped bit of a log lies where a checksum covers it, whatever the seed", async () => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-wal-"));
  const file = join(directory, "0.wal");
  for (let seed = 0; seed < 1; seed += 0.01) {
    writeFileSync(file, LOG);
    await damageEtcdData(directory, { file: "wal", how: "flip", random: () => seed });

    const damaged = readFileSync(file);
    const changed = [...damaged.keys()].filter((position) => damaged[position] !== LOG[position]);
    expect(changed).toHaveLength(1);
    expect(changed[0]).toBeGreaterThanOrEqual(SECOND_RECORD.start);
    expect(changed[0]).toBeLessThan(SECOND_RECORD.end);
  }
});
