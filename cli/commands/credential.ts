import { CommandFailed } from "../../client/api-errors.ts";
import { keepCredential, readCredential } from "../../client/credential-cache.ts";
import { type SettingsOf, sessionAt } from "../../client/endpoint-sessions.ts";
import { execCredential, isFresh, PLUGIN_MINUTES, readExecInfo } from "../../client/exec-credential.ts";
import { EXIT } from "../../client/exit-codes.ts";
import type { PrintCredential } from "../../client/grammar/command.ts";
import { issueCredential, minutesOf } from "../../client/issue-access.ts";
import type { Session } from "../../client/session.ts";

/** As an exec plug-in of kubectl and client-go: a credential on standard output, from the cache while it is good. */
export async function printCredential(
  { cluster, validMs }: PrintCredential,
  asked: Session,
  settingsOf: SettingsOf,
): Promise<number> {
  const { apiVersion, cluster: named, address } = readExecInfo(asked.environment["KUBERNETES_EXEC_INFO"]);
  const session = cluster === null && address ? await sessionAt(address, asked, settingsOf) : asked;
  const name = cluster ?? named;
  if (name === undefined) throw new CommandFailed("--cluster: the name of a cluster is required", EXIT.badUsage);
  const key = { cluster: name, minutes: minutesOf(validMs) ?? PLUGIN_MINUTES };
  const kept = await readCredential(key, session);
  const credential =
    kept && isFresh(kept.expiresAt, Date.now()) ? kept : await issueCredential(name, key.minutes, session);
  if (credential !== kept) await keepCredential(key, credential, session);
  session.terminal.out(`${JSON.stringify(execCredential(apiVersion, credential))}\n`);
  return EXIT.done;
}
