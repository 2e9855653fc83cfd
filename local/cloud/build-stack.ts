import { buildFunctions } from "../../scripts/build.ts";

/** Builds what is deployed into the folder that is named: the functions' bundles, and the template that refers to them. */
const [outdir] = process.argv.slice(2);
if (outdir === undefined) throw new TypeError("usage: build-stack.ts DIRECTORY");

const bundles = buildFunctions();
// CDK's own validation of the template takes seconds; `npm run synth` does it.
process.env["CDK_VALIDATION"] = "false";
// CDK takes a second to load, in which the bundler works on.
const { synthesize } = await import("../../infra/app.ts");
await bundles;
synthesize({ outdir });
