import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** What is built from what: `product` is the file that a build writes anew each time. */
interface Build {
  readonly product: string;
  readonly sources: readonly string[];
  readonly run: () => Promise<void>;
}

const STACK: Build = {
  product: "cdk.out/Holdfast.template.json",
  sources: ["functions", "statemachines", "infra", "scripts/build.ts", "package.json"],
  run: async () => {
    const { buildFunctions } = await import("../../scripts/build.ts");
    await buildFunctions();
    // CDK's own validation of the template takes seconds; `npm run synth` does it.
    process.env["CDK_VALIDATION"] = "false";
    const { synthesize } = await import("../../infra/app.ts");
    synthesize({ outdir: join(ROOT, "cdk.out") });
  },
};

const IMAGE: Build = {
  product: "dist/image/kubectl.cjs",
  sources: ["local/image", "package.json"],
  run: async () => {
    const { buildImage } = await import("../image/build.ts");
    await buildImage();
  },
};

/** Builds the bundles, the template and the programs of the hosts' image, where one is missing or older than its sources. */
export async function buildIfStale(say: (line: string) => void): Promise<{ readonly cdkOut: string }> {
  for (const build of [STACK, IMAGE]) {
    if (!(await isStale(build))) continue;
    say(`building ${build.product}`);
    await build.run();
  }
  return { cdkOut: join(ROOT, "cdk.out") };
}

async function isStale({ product, sources }: Build): Promise<boolean> {
  const built = await modifiedAt(join(ROOT, product));
  const changes = await Promise.all(sources.map((source) => newestIn(join(ROOT, source))));
  return built < Math.max(...changes);
}

/** Epoch milliseconds of the newest file in a folder, or of the file itself. */
async function newestIn(path: string): Promise<number> {
  const own = await stat(path);
  if (!own.isDirectory()) return own.mtimeMs;
  const files = await readdir(path, { recursive: true });
  return Math.max(own.mtimeMs, ...(await Promise.all(files.map((file) => modifiedAt(join(path, file))))));
}

async function modifiedAt(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
