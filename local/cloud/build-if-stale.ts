import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { WORKSPACE } from "./workspace.ts";

/** A product could not be built; the message holds what the builder printed, for the person who changed the sources. */
export class BuildFailed extends Error {
  constructor(directory: string, cause: unknown) {
    const printed = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
    super(`${directory} could not be built:\n${printed}`, { cause });
    this.name = "BuildFailed";
  }
}

const ROOT = join(import.meta.dirname, "../..");

/** What is built from what, by a program of its own: it writes all its products into the folder that it is given. */
interface Build {
  readonly directory: string;
  /** The file in the directory whose time is that of the whole build; put there last. */
  readonly witness: string;
  readonly sources: readonly string[];
  readonly program: string;
}

const BUILDS: readonly Build[] = [
  {
    directory: "cdk.out",
    witness: "Holdfast.template.json",
    sources: [
      "functions",
      "client",
      "statemachines",
      "infra",
      "scripts/build.ts",
      "scripts/definitions.ts",
      "scripts/openapi.ts",
      "scripts/shake.ts",
      "package.json",
    ],
    program: "local/cloud/build-stack.ts",
  },
  {
    directory: "dist/image",
    witness: "aws.cjs",
    sources: ["local/image", "package.json"],
    program: "local/image/build.ts",
  },
];

/**
 * Builds the bundles, the template and the programs of the hosts' image, where one is missing or older than its sources.
 * Products replace older ones file by file, so that neither a local cloud that runs nor a build at the same time is
 * disturbed. Rejects soon after the signal is aborted.
 */
export async function buildIfStale(
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<{ readonly cdkOut: string }> {
  await Promise.all(
    BUILDS.map(async (build) => {
      if (!(await isStale(build))) return;
      say(`building ${build.directory}`);
      await run(build, signal);
    }),
  );
  return { cdkOut: join(ROOT, "cdk.out") };
}

async function run({ program, directory, witness }: Build, signal: AbortSignal | undefined): Promise<void> {
  const startedAt = new Date();
  await mkdir(WORKSPACE, { recursive: true });
  const staging = await mkdtemp(join(WORKSPACE, "building-"));
  try {
    await promisify(execFile)(process.execPath, [join(ROOT, program), staging], signal ? { signal } : {}).catch(
      (error: unknown) => {
        throw new BuildFailed(directory, error);
      },
    );
    // A source that was changed meanwhile is newer than what was built from it.
    await utimes(join(staging, witness), startedAt, startedAt);
    await moveAll(staging, join(ROOT, directory), witness);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Replaces files; keeps folders of the same name, since CDK names them by their content. The witness comes last. */
async function moveAll(from: string, to: string, witness: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const kept = new Set(await readdir(to));
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.name === witness || (entry.isDirectory() && kept.has(entry.name))) continue;
    await rename(join(from, entry.name), join(to, entry.name));
  }
  await rename(join(from, witness), join(to, witness));
}

async function isStale({ directory, witness, sources }: Build): Promise<boolean> {
  const built = await modifiedAt(join(ROOT, directory, witness));
  const changes = await Promise.all(sources.map((source) => newestIn(join(ROOT, source))));
  return built < Math.max(...changes);
}

/** Epoch milliseconds of the newest file in a folder, or of the file itself. */
async function newestIn(path: string): Promise<number> {
  const own = await stat(path);
  if (!own.isDirectory()) return own.mtimeMs;
  const files = (await readdir(path, { recursive: true })).filter((file) => !file.endsWith(".test.ts"));
  return Math.max(own.mtimeMs, ...(await Promise.all(files.map((file) => modifiedAt(join(path, file))))));
}

async function modifiedAt(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
