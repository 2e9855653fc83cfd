import buildProduct, { CDK_OUT } from "../build-product.ts";
import { observe } from "./observe.ts";
import { linesOf, report } from "./report.ts";

/**
 * Runs all flows and prints what each role has and does not need. Exit code 1 for what test/proofs/permissions.test.ts
 * would refuse.
 */
async function main(): Promise<void> {
  await buildProduct();
  const found = report(await observe(CDK_OUT, console.error));
  console.log(linesOf(found).join("\n"));
  const wrong = [found.unexplained, found.idle, found.denials, found.failures].some((list) => list.length > 0);
  process.exit(wrong ? 1 : 0);
}

await main();
