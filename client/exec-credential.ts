import * as z from "zod";
import { parseJson } from "../functions/domain/text/parse-json.ts";
import type { Credential } from "./credential-cache.ts";
import type { Address } from "./endpoint-sessions.ts";
import type { Session } from "./session.ts";

/** Versions of client-go's protocol with exec plug-ins that are spoken here; the first is written to kubeconfigs. */
const VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"] as const;

export const [PLUGIN_VERSION] = VERSIONS;

/** What an inventory says of a cluster (KEP-5339); of another Holdfast's with its address. */
const InventoryCluster = z.looseObject({
  clusterName: z.string(),
  api: z.url({ protocol: /^https?$/ }).optional(),
  region: z.string().optional(),
});

/** What client-go says in KUBERNETES_EXEC_INFO. */
const ExecInfo = z.looseObject({
  apiVersion: z.enum(VERSIONS).catch(PLUGIN_VERSION),
  spec: z
    .looseObject({
      cluster: z
        .looseObject({ config: InventoryCluster.optional().catch(undefined) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

export interface ExecRequest {
  readonly apiVersion: string;
  /** The cluster that the caller's inventory names. */
  readonly cluster: string | undefined;
  /** Of the Holdfast that the cluster is at; undefined: the one that is asked anyway. */
  readonly address: Address | undefined;
}

export function readExecInfo(text: string | undefined): ExecRequest {
  const { data } = ExecInfo.safeParse(parseJson(text ?? ""));
  const { clusterName: cluster, api, region } = data?.spec?.cluster?.config ?? {};
  const address = api === undefined || region === undefined ? undefined : { api, region };
  return { apiVersion: data?.apiVersion ?? PLUGIN_VERSION, cluster, address };
}

/** It renews by itself, so that a file that is stolen is soon worth nothing. */
export const PLUGIN_MINUTES = 60;

/** A certificate is asked for again so long before it ends, since clocks differ and requests take time. */
const MARGIN_MS = 60_000;

export function execCredential(
  apiVersion: string,
  { certificate, key, expiresAt }: Pick<Credential, "certificate" | "key" | "expiresAt">,
) {
  return {
    apiVersion,
    kind: "ExecCredential",
    status: {
      expirationTimestamp: rfc3339(Date.parse(expiresAt) - MARGIN_MS),
      clientCertificateData: certificate,
      clientKeyData: key,
    },
  };
}

/** client-go takes no fractions of seconds. */
function rfc3339(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Is it good for long enough that a command can be done with it? */
export function isFresh(expiresAt: string, now: number): boolean {
  return Date.parse(expiresAt) - now > 2 * MARGIN_MS;
}

/** How a kubeconfig, or a tool that takes one, gets a credential: by this program, at each time that it needs one. */
export interface ExecPlugin {
  readonly command: string;
  readonly args: readonly string[];
  /** What the program needs to reach the API as the same caller; nothing secret. */
  readonly env: Readonly<Record<string, string>>;
}

export const INSTALL_HINT =
  "holdfast is not there: install it as docs/cli.md of Holdfast says, or export the kubeconfig again";

/** The user of a kubeconfig that renews by itself. */
export function execUser({ command, args, env }: ExecPlugin) {
  return {
    exec: {
      apiVersion: PLUGIN_VERSION,
      command,
      args,
      env: Object.entries(env).map(([name, value]) => ({ name, value })),
      interactiveMode: "Never",
      installHint: INSTALL_HINT,
    },
  };
}

/** Variables that say which API, and which AWS credentials; tokens and keys stay out of files. */
const PASSED_ON = ["AWS_PROFILE", "AWS_REGION", "AWS_CONFIG_FILE", "HOLDFAST_CONFIG", "HOLDFAST_REGION"] as const;
/** A profile named in the environment would have priority over the API that is written down. */
const NO_PROFILE = { HOLDFAST_PROFILE: "" } as const;
/** A token in the environment is not for another Holdfast. */
const NO_TOKEN = { HOLDFAST_TOKEN: "" } as const;
/** Nor are keys of AWS, where a profile is named in their place. */
const KEYS = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" } as const;

/**
 * The call of this program (`command`) for one cluster, as the caller of the session. `isElsewhere`: at another Holdfast
 * than the one that the user works with.
 */
export function pluginFor(
  cluster: string,
  { target, environment }: Pick<Session, "target" | "environment">,
  validMs: number | null,
  command: string,
  isElsewhere: boolean,
): ExecPlugin {
  const passed = PASSED_ON.flatMap((name) => (environment[name] ? [[name, environment[name]] as const] : []));
  const shutOut = isElsewhere ? { ...NO_TOKEN, ...(environment["AWS_ACCESS_KEY_ID"] === "" ? KEYS : {}) } : {};
  const minutes = validMs === null ? [] : ["--admin", `${Math.round(validMs / 60_000)}m`];
  return {
    command,
    args: ["credential", "--cluster", cluster, ...minutes],
    env: { HOLDFAST_API: target.url, ...NO_PROFILE, ...Object.fromEntries(passed), ...shutOut },
  };
}
