import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../functions/domain/text/parse-json.ts";
import type { Session } from "./session.ts";

const Credential = z.object({
  server: z.string(),
  certificateAuthority: z.string(),
  certificate: z.string(),
  key: z.string(),
  user: z.string(),
  expiresAt: z.string(),
});
/** What was issued, with the key that only this machine has. */
export type Credential = z.output<typeof Credential>;

/** Who asks for what, where: a credential of one caller is never another's. */
export interface CacheKey {
  readonly cluster: string;
  readonly minutes: number | undefined;
}

/**
 * Credentials of exec plug-ins: kubectl runs the plug-in at each command, and each certificate is a request to the API.
 * They lie where a kubeconfig would have them, readable by their owner only.
 */
export async function readCredential(key: CacheKey, session: Session): Promise<Credential | undefined> {
  const text = await readFile(fileOf(key, session), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    session.terminal.note(`warning: a kept credential cannot be read: ${error.code}`);
    return "";
  });
  return Credential.safeParse(parseJson(text)).data;
}

export async function keepCredential(key: CacheKey, credential: Credential, session: Session): Promise<void> {
  const file = fileOf(key, session);
  const temporary = `${file}.${process.pid}`;
  try {
    await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
    await writeFile(temporary, JSON.stringify(credential), { mode: 0o600 });
    await rename(temporary, file);
  } catch (error) {
    // As in a container with a file system that is read only: the next command asks the API again.
    session.terminal.note(`warning: the credential is not kept: ${error instanceof Error ? error.message : error}`);
  }
}

function fileOf({ cluster, minutes }: CacheKey, { target, environment }: Session): string {
  const caller = [environment["AWS_PROFILE"], environment["AWS_ACCESS_KEY_ID"], target.token];
  const name = createHash("sha256")
    .update(JSON.stringify([target.url, cluster, minutes, caller]))
    .digest("hex");
  const folder = environment["XDG_CACHE_HOME"] || join(environment["HOME"] ?? homedir(), ".cache");
  return join(folder, "holdfast", "credentials", `${name.slice(0, 32)}.json`);
}
