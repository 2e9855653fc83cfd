import { beforeAll, expect, test } from "vitest";
import { randomFrom } from "../../local/faults/random.ts";
import { CDK_OUT } from "../support/build-product.ts";
import { CREATION } from "../support/permissions/flows/creation.ts";
import { mutatedStack } from "../support/permissions/mutated-stack.ts";
import { observe, observeFlows } from "../support/permissions/observe.ts";
import { type Finding, lineOf } from "../support/permissions/permissions.ts";
import { linesOf, type PermissionsReport, report } from "../support/permissions/report.ts";

const ALL_FLOWS_MS = 1_800_000;
const SEED = 1;
/** Mutations that are executed, not only evaluated again. */
const SAMPLE = 6;

let found: PermissionsReport;
beforeAll(async () => {
  found = report(await observe(CDK_OUT, console.log));
  console.log(linesOf(found).join("\n"));
}, ALL_FLOWS_MS);

test("every flow comes to its end", () => {
  expect(found.failures).toEqual([]);
});

test("IAM denies nothing to anybody: a denial that the product swallows would be a failure that nobody sees", () => {
  expect(found.denials).toEqual([]);
});

test("removing any one permission makes a named flow fail, or the permission is kept for a reason", () => {
  expect(found.unexplained.map(({ permission, result }) => `${result} ${lineOf(permission)}`)).toEqual([]);
});

test("no reason is kept for what a flow needs, or nobody has", () => {
  expect(found.idle).toEqual([]);
});

test(
  `without ${SAMPLE} permissions, drawn with seed ${SEED}, the creation really fails, or IAM's refusal is seen where it only warns`,
  async () => {
    for (const { permission } of draw(found.findings.filter(isNeededEarly), SAMPLE)) {
      await using stack = await mutatedStack(CDK_OUT, permission);
      const flows = CREATION.slice(0, EARLY);
      const seen = report(await observeFlows(stack.directory, flows, console.log));

      const line = lineOf(permission);
      console.log(`without ${line}: ${seen.failures.join("; ")}`);
      // A quota that cannot be read refuses nothing; the denial alone fails the second test above.
      expect(seen.denials.join("\n"), line).toContain(permission.action);
    }
  },
  ALL_FLOWS_MS,
);

/** The flows up to the first whole cluster: all others begin with one. */
const EARLY = 2;

function isNeededEarly({ result, witness, permission }: Finding): boolean {
  return (
    result === "needed" &&
    CREATION.slice(0, EARLY).some(({ name }) => name === witness?.flow) &&
    !["masters", "nodes"].includes(permission.role)
  );
}

/** So many of them, always the same for the same seed. */
function draw<T>(all: readonly T[], count: number): T[] {
  const random = randomFrom(SEED);
  const left = [...all];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(random() * left.length), 1),
  ).flat();
}
