import { join } from "node:path";
import { synthesize } from "../../infra/app.ts";
import { buildImage } from "../../local/image/build.ts";
import { buildFunctions } from "../../scripts/build.ts";
import { ensureHostTools } from "../../scripts/ensure-host-tools.ts";

export const CDK_OUT = join(import.meta.dirname, "../../cdk.out");

/** Once before all scenarios: what is deployed, and what hosts boot from. */
export default async function buildProduct(): Promise<void> {
  process.env["CDK_VALIDATION"] = "false";
  await ensureHostTools(console.error);
  await Promise.all([buildFunctions(), buildImage()]);
  synthesize({ outdir: CDK_OUT });
}
