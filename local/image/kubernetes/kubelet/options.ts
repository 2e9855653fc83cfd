import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import { UsageError } from "../common/command.ts";

/** The flags of the real program that the stand-in acts on. */
const FLAGS = [
  "bootstrap-kubeconfig",
  "config",
  "kubeconfig",
  "hostname-override",
  "node-ip",
  "provider-id",
  "node-labels",
] as const;

/** Kubernetes' default; the lease is renewed four times in that time. */
const DEFAULT_LEASE_SECONDS = 40;

const configurationSchema = z.looseObject({
  kind: z.literal("KubeletConfiguration"),
  staticPodPath: z.string().optional(),
  /** 0 is what a configuration says that leaves it to the kubelet. */
  nodeLeaseDurationSeconds: z.number().int().nonnegative().default(0),
});

export interface KubeletOptions {
  readonly kubeconfig: string;
  /** By which the kubelet gets its kubeconfig if it has none. */
  readonly bootstrapKubeconfig: string | undefined;
  /** Watched for manifests; undefined runs none. */
  readonly staticPodPath: string | undefined;
  readonly nodeName: string;
  readonly nodeIp: string | undefined;
  /** `aws:///us-west-2a/i-0123456789abcdef0`. */
  readonly providerId: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly leaseSeconds: number;
  readonly unusedFlags: readonly string[];
}

/** Reads the command line and the configuration file. Throws `UsageError` for what the real program would refuse, too. */
export function readOptions(argv: readonly string[]): KubeletOptions {
  const options = Object.fromEntries(FLAGS.map((name) => [name, { type: "string" } as const]));
  const { values } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true });
  const flag = (name: (typeof FLAGS)[number]) => (typeof values[name] === "string" ? values[name] : undefined);
  const kubeconfig = flag("kubeconfig");
  if (!kubeconfig) throw new UsageError("standalone mode is not emulated: --kubeconfig is required");
  const configFile = flag("config");
  const configuration = configFile ? configurationSchema.parse(parse(readFileSync(configFile, "utf8"))) : undefined;
  return {
    kubeconfig,
    bootstrapKubeconfig: flag("bootstrap-kubeconfig"),
    staticPodPath: configuration?.staticPodPath,
    leaseSeconds: configuration?.nodeLeaseDurationSeconds || DEFAULT_LEASE_SECONDS,
    nodeName: (flag("hostname-override") ?? hostname()).toLowerCase(),
    nodeIp: flag("node-ip"),
    providerId: flag("provider-id"),
    labels: parseLabels(flag("node-labels") ?? ""),
    unusedFlags: Object.keys(values).filter((name) => !FLAGS.some((known) => known === name)),
  };
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(",")
      .filter(Boolean)
      .map((pair) => {
        const [, key, value] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
        if (key === undefined || value === undefined) throw new UsageError(`--node-labels: "${pair}" is not KEY=VALUE`);
        return [key, value];
      }),
  );
}
