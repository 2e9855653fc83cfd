import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";

const ROOT = join(import.meta.dirname, "..");
const Times = z.object({
  create: z.object({ apiVerified: z.number(), active: z.number() }),
  repair: z.object({ whole: z.number(), serves: z.number() }),
});
const Range = z.object({ least: z.number(), most: z.number() });
const Prediction = z.object({
  command: z.string(),
  stock: Times,
  prepared: Times,
  kops: z.object({ create: Range, repair: Range }),
});

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

function range({ least, most }: z.output<typeof Range>): string {
  return `${minutes(least * 1_000)} to ${minutes(most * 1_000)}`;
}

const { stock, prepared, kops } = Prediction.parse(
  JSON.parse(readFileSync(join(ROOT, "bench/results/prediction.json"), "utf8")),
);

test("predicted for AWS: one master is healed within 3 minutes with a prepared image, within 6 with a stock image", () => {
  const limit = 60_000;

  expect(Math.max(prepared.repair.whole, prepared.repair.serves)).toBeLessThanOrEqual(3 * limit);
  expect(Math.max(stock.repair.whole, stock.repair.serves)).toBeLessThanOrEqual(6 * limit);
  expect(kops.repair).toEqual({ least: 220, most: 430 });
});

test("each wait of AWS's has its source beside it, or says that it is assumed", () => {
  const SOURCE = /(docs|functions)\/|\.(com|io|org)\/|Assumed|As `\w+`/;
  const bare = ["ec2", "autoscaling", "elbv2", "hosts", "cloud"].flatMap((service) => {
    const text = readFileSync(join(ROOT, "local", service, "timings.ts"), "utf8");
    const [, values = ""] = /export const awsTimings[^{]*\{\n([\s\S]*?)\n\};/.exec(text) ?? [];
    // Comments above a value that is a number: without limit is none.
    return [...values.matchAll(/((?: {2}\/\/.*\n)*) {2}(\w+): [1-9][\d_]*,/g)]
      .filter(([, comment = ""]) => !SOURCE.test(comment))
      .map(([, , name]) => `${service}: ${name}`);
  });

  expect(bare).toEqual([]);
});

test("the README quotes the prediction as it was made", () => {
  const text = readFileSync(join(ROOT, "README.md"), "utf8");
  const rows = [
    `| ${minutes(stock.create.apiVerified)} | ${minutes(prepared.create.apiVerified)} | ${range(kops.create)} |`,
    `| ${minutes(stock.create.active)} | ${minutes(prepared.create.active)} | |`,
    `| ${minutes(stock.repair.whole)} | ${minutes(prepared.repair.whole)} | |`,
    `| ${minutes(stock.repair.serves)} | ${minutes(prepared.repair.serves)} | ${range(kops.repair)} |`,
  ];

  expect(rows.filter((row) => !text.includes(row))).toEqual([]);
});
