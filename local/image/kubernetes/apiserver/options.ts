import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { UsageError } from "../common/command.ts";
import { parseDuration } from "../common/duration.ts";

const durationSchema = z.string().transform((text, context) => {
  const duration = parseDuration(text);
  if (duration === undefined) context.addIssue({ code: "custom", message: `"${text}" is no duration` });
  return duration ?? 0;
});

/** The flags of the real program that the stand-in acts on, and three that really belong to the controller manager. */
const flagsSchema = z.object({
  "etcd-servers": z.string().transform((text) => text.split(",")),
  "etcd-cafile": z.string(),
  "etcd-certfile": z.string(),
  "etcd-keyfile": z.string(),
  "client-ca-file": z.string(),
  "tls-cert-file": z.string(),
  "tls-private-key-file": z.string(),
  "secure-port": z.coerce.number().int().default(6443),
  "bind-address": z.string().default("0.0.0.0"),
  "advertise-address": z.string().optional(),
  "service-account-key-file": z.string().optional(),
  "service-account-signing-key-file": z.string().optional(),
  "cluster-signing-cert-file": z.string().optional(),
  "cluster-signing-key-file": z.string().optional(),
  "node-monitor-grace-period": durationSchema.default(40_000),
});

export interface ApiServerOptions {
  readonly etcdServers: readonly string[];
  readonly etcdTls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly clientAuthority: string;
  /** PEM of the public key of service accounts' tokens; undefined where none was given. */
  readonly serviceAccountKey: string | undefined;
  /** PEM of the private key that signs them; undefined where none was given. */
  readonly serviceAccountSigningKey: string | undefined;
  readonly servingCertificate: string;
  readonly servingKey: string;
  readonly bindAddress: string;
  readonly port: number;
  /** PEM of the authority that signs kubelets' certificates: by default the client authority, its key beside it. */
  readonly signingCertificate: string;
  readonly signingKey: string;
  /** How old a node's lease may be before its `Ready` becomes `Unknown`. */
  readonly nodeGracePeriodMs: number;
  /** Flags that were given and that the stand-in has no use for. */
  readonly unusedFlags: readonly string[];
}

/** Reads the command line and the files that it names. Throws `UsageError` for a missing or malformed flag. */
export function readOptions(argv: readonly string[]): ApiServerOptions {
  const options = Object.fromEntries(Object.keys(flagsSchema.shape).map((name) => [name, { type: "string" } as const]));
  const { values } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true });
  const flags = flagsSchema.safeParse(values);
  if (!flags.success) {
    throw new UsageError(flags.error.issues.map((issue) => `--${issue.path.join(".")}: ${issue.message}`).join("; "));
  }
  const file = flags.data;
  const read = (path: string) => readFileSync(path, "utf8");
  return {
    etcdServers: file["etcd-servers"],
    etcdTls: { ca: read(file["etcd-cafile"]), cert: read(file["etcd-certfile"]), key: read(file["etcd-keyfile"]) },
    clientAuthority: read(file["client-ca-file"]),
    serviceAccountKey: file["service-account-key-file"] && read(file["service-account-key-file"]),
    serviceAccountSigningKey:
      file["service-account-signing-key-file"] && read(file["service-account-signing-key-file"]),
    servingCertificate: read(file["tls-cert-file"]),
    servingKey: read(file["tls-private-key-file"]),
    bindAddress: file["bind-address"],
    port: file["secure-port"],
    signingCertificate: read(file["cluster-signing-cert-file"] ?? file["client-ca-file"]),
    signingKey: read(file["cluster-signing-key-file"] ?? join(dirname(file["client-ca-file"]), "ca.key")),
    nodeGracePeriodMs: file["node-monitor-grace-period"],
    unusedFlags: Object.keys(values).filter((name) => !(name in flagsSchema.shape)),
  };
}
