import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { HoldfastStack } from "./stacks/holdfast-stack.ts";

export const STACK_NAME = "Holdfast";

/** Writes template and assets to `outdir`. Needs the bundles (scripts/build.ts), and neither network nor credentials. */
export const synthesize = (options: { outdir?: string } = {}): string => {
  const outdir = options.outdir ?? join(import.meta.dirname, "..", "cdk.out");
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
  new HoldfastStack(app, STACK_NAME, {
    description: "Holdfast: highly available Kubernetes clusters that heal themselves",
  });
  app.synth();
  return outdir;
};

if (import.meta.main) synthesize();
