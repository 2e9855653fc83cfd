import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Credentials } from "../context/credentials.ts";
import { WORKSPACE } from "./workspace.ts";

const OperatorKey = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });
export type OperatorKey = z.output<typeof OperatorKey>;

/** The key of the local cloud whose API has this port. Below the user's own checkout, where no web page reads. */
function pathOf(port: string): string {
  return join(WORKSPACE, "operator-keys", `${Number(port)}.json`);
}

/** Replaces that of an earlier run. */
export async function keepOperatorKey(port: string, { accessKeyId, secretAccessKey }: Credentials): Promise<void> {
  await mkdir(join(WORKSPACE, "operator-keys"), { recursive: true, mode: 0o700 });
  await forgetOperatorKey(port);
  await writeFile(pathOf(port), JSON.stringify({ accessKeyId, secretAccessKey }), { mode: 0o600, flag: "wx" });
}

export async function forgetOperatorKey(port: string): Promise<void> {
  await rm(pathOf(port), { force: true });
}

/** Undefined when no local cloud has that port. */
export async function readOperatorKey(port: string): Promise<OperatorKey | undefined> {
  try {
    return OperatorKey.parse(JSON.parse(await readFile(pathOf(port), "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
