import { KubeconfigViewSchema } from "../functions/domain/api/views.ts";
import { ADMIN_MINUTES } from "../functions/domain/host/certificates.ts";
import { CommandFailed } from "./api-errors.ts";
import type { Credential } from "./credential-cache.ts";
import { EXIT } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import { newSigningRequest } from "./signing-request.ts";

/** A certificate for a key that is made here, which never leaves this machine. */
export async function issueCredential(
  cluster: string,
  minutes: number | undefined,
  { api }: Pick<Session, "api">,
): Promise<Credential> {
  const { key, request } = await newSigningRequest(cluster);
  const path = `/clusters/${encodeURIComponent(cluster)}/kubeconfig`;
  const body = { certificateRequest: request, ...(minutes === undefined ? {} : { minutes }) };
  const { server, certificateAuthority, certificate, user, expiresAt } = await api.post(
    path,
    body,
    KubeconfigViewSchema,
  );
  return { server, certificateAuthority, certificate, key, user, expiresAt };
}

/** Throws CommandFailed for a time that no certificate is good for. */
export function minutesOf(validMs: number | null): number | undefined {
  const minutes = validMs === null ? undefined : Math.round(validMs / 60_000);
  if (minutes !== undefined && (minutes < ADMIN_MINUTES.min || minutes > ADMIN_MINUTES.max))
    throw new CommandFailed("--admin: a certificate is good for 10m to 7d", EXIT.badUsage);
  return minutes;
}
