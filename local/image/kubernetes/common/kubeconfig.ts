import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { messageOf } from "./command.ts";

const base64 = z.string().transform((text) => Buffer.from(text, "base64").toString());

const kubeconfigSchema = z.looseObject({
  kind: z.literal("Config"),
  "current-context": z.string().default(""),
  clusters: z.array(
    z.looseObject({
      name: z.string(),
      cluster: z.looseObject({
        server: z.string(),
        "certificate-authority-data": base64.optional(),
        "insecure-skip-tls-verify": z.boolean().optional(),
      }),
    }),
  ),
  contexts: z.array(
    z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }) }),
  ),
  users: z
    .array(
      z.looseObject({
        name: z.string(),
        user: z.looseObject({
          "client-certificate-data": base64.optional(),
          "client-key-data": base64.optional(),
        }),
      }),
    )
    .nullish(),
});

/** How to reach an API server, and as whom. Certificates and keys are PEM text. */
export interface Connection {
  readonly server: string;
  readonly certificateAuthority?: string | undefined;
  /** Accepts any server certificate. */
  readonly insecure?: boolean;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
}

/** The connection of a kubeconfig's current context. Throws a message that names the file when it cannot be used. */
export function readKubeconfig(file: string): Connection {
  const config = kubeconfigSchema.safeParse(parse(readText(file)));
  if (!config.success) throw new Error(`${file} is no kubeconfig: ${z.prettifyError(config.error)}`);
  const { contexts, clusters, users } = config.data;
  const context = contexts.find(({ name }) => name === config.data["current-context"])?.context;
  const cluster = clusters.find(({ name }) => name === context?.cluster)?.cluster;
  if (!cluster) throw new Error(`${file}: its current context has no cluster`);
  const user = users?.find(({ name }) => name === context?.user)?.user;
  return {
    server: cluster.server,
    certificateAuthority: cluster["certificate-authority-data"],
    insecure: cluster["insecure-skip-tls-verify"] ?? false,
    clientCertificate: user?.["client-certificate-data"],
    clientKey: user?.["client-key-data"],
  };
}

/** The text of a kubeconfig as kubeadm writes it: one cluster, one user, one context. */
export function writeKubeconfig(cluster: string, user: string, connection: Connection): string {
  const encode = (text: string | undefined) => text && Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    clusters: [
      {
        cluster: { "certificate-authority-data": encode(connection.certificateAuthority), server: connection.server },
        name: cluster,
      },
    ],
    contexts: [{ context: { cluster, user }, name: `${user}@${cluster}` }],
    "current-context": `${user}@${cluster}`,
    kind: "Config",
    users: [
      {
        name: user,
        user: {
          "client-certificate-data": encode(connection.clientCertificate),
          "client-key-data": encode(connection.clientKey),
        },
      },
    ],
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`cannot read kubeconfig: ${messageOf(error)}`);
  }
}
