import { join } from "node:path";
import { buildIfStale } from "../../local/cloud/build-if-stale.ts";
import { ensureHostTools } from "../../scripts/ensure-host-tools.ts";
import { buildOpenapi } from "../../scripts/openapi.ts";

export const CDK_OUT = join(import.meta.dirname, "../../cdk.out");

/** Once before all scenarios: what is deployed, what hosts boot from, and the client of the API. */
export default async function buildProduct(): Promise<void> {
  await ensureHostTools(console.error);
  await Promise.all([buildIfStale(console.error), buildOpenapi()]);
}
