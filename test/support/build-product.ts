import { join } from "node:path";
import { buildIfStale } from "../../local/cloud/build-if-stale.ts";
import { ensureHostTools } from "../../scripts/ensure-host-tools.ts";

export const CDK_OUT = join(import.meta.dirname, "../../cdk.out");

/** Once before all scenarios: what is deployed, and what hosts boot from. */
export default async function buildProduct(): Promise<void> {
  await ensureHostTools(console.error);
  await buildIfStale(console.error);
}
