import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { BUNDLES } from "../scripts/build.ts";
import { BUNDLES_CONTEXT } from "./constructs/bundled-function.ts";
import { HoldfastStack } from "./stacks/holdfast-stack.ts";

export const STACK_NAME = "Holdfast";

/** The app of one stack, for whichever account and Region it is deployed to. Needs the bundles (scripts/build.ts). */
export function holdfastApp(outdir: string, bundles = BUNDLES): App {
  const app = new App({
    outdir,
    analyticsReporting: false,
    treeMetadata: false,
    context: { [BUNDLES_CONTEXT]: bundles },
  });
  new HoldfastStack(app, STACK_NAME, {
    description: "Holdfast: highly available Kubernetes clusters that heal themselves",
    // On what the stack makes; a cluster's resources carry tags of their own.
    tags: { application: "holdfast" },
    terminationProtection: true,
  });
  return app;
}

/** Writes template and assets to `outdir`. Needs neither network nor credentials. */
export function synthesize(options: { outdir?: string } = {}): string {
  const outdir = options.outdir ?? join(import.meta.dirname, "..", "cdk.out");
  holdfastApp(outdir).synth();
  return outdir;
}

if (import.meta.main) synthesize();
