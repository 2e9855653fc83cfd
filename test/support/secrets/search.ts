import * as z from "zod";
import type { LocalCloud } from "../../../local/cloud.ts";
import type { CallRecord } from "../../../local/wire/server.ts";
import { findSecrets, type Place, secretParts } from "./find-secrets.ts";

const SecretParameter = z.looseObject({ Name: z.string(), Type: z.literal("SecureString"), Value: z.string() });

/** What was shown or kept while a local cloud ran, beside its own state. */
export interface Shown {
  /** Of everyone, the hosts too. */
  readonly calls: readonly CallRecord[];
  /** Lines of functions and of the cloud itself; what commands printed. */
  readonly texts: readonly Place[];
}

/**
 * Where secrets of this cloud stand in the open (X7 of the fault model): in the log of a function, the history of an
 * execution, an item of the table, the output of a command or a document, user data, a call that the audit trail
 * shows. Secrets are the SecureString parameters that anyone ever put, and the keys of every role's session.
 */
export function secretsInTheOpen(cloud: LocalCloud, { calls, texts }: Shown): string[] {
  const { services, context, hosts } = cloud;
  const { secrets: held, ...parameters } = services.ssm.snapshot();
  const put = calls.flatMap(({ input }) => SecretParameter.safeParse(input).data ?? []);
  const secrets = new Map([
    ...[...Object.entries(held), ...put.map(({ Name, Value }) => [Name, Value] as const)].flatMap(([name, value]) =>
      secretParts(value).map((part) => [part, `the value of ${name}`] as const),
    ),
    ...context.credentials
      .issued()
      .filter(({ sessionToken }) => sessionToken !== undefined)
      .flatMap(({ secretAccessKey, sessionToken = "", principal }) =>
        [secretAccessKey, sessionToken].map((part) => [part, `keys of ${principal.arn}`] as const),
      ),
  ]);
  const kept = Object.entries({ ...services.snapshot(), ssm: parameters });
  const consoles = services.ec2.store.instances.list().map(({ id }) => ({ where: `console of ${id}`, id }));
  return findSecrets(secrets, [
    ...texts,
    ...kept.map(([service, state]) => ({ where: `state of ${service}`, text: JSON.stringify(state) })),
    ...consoles.map(({ where, id }) => ({ where, text: hosts.console(id) })),
    ...calls.map(({ service, operation, input }) => ({
      where: `${service}:${operation}`,
      // CloudTrail leaves the value out (CloudTrail user guide, "Systems Manager").
      text: JSON.stringify(
        SecretParameter.safeParse(input).success ? { ...Object(input), Value: "" } : (input ?? null),
      ),
    })),
  ]);
}
