import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { unpackRealTools } from "../../local/image/real-tools.ts";
import type { Scenario } from "./scenario.ts";

/** Runs a real kubectl on this machine and resolves with what it printed. Rejects with what it complained of. */
export type Kubectl = (...args: string[]) => Promise<string>;

/** As a user of the cluster has it: the exported kubeconfig, unchanged, and the local cloud as the way into its network. */
export async function kubectlOf(scenario: Scenario, cluster: string, directory: string): Promise<Kubectl> {
  const program = join(await unpackRealTools(join(directory, "tools")), "kubectl");
  const KUBECONFIG = join(directory, "kubeconfig");
  const { code, stdout, stderr } = await scenario.holdfast("export", "kubeconfig", cluster, "-o", "json");
  if (code !== 0) throw new Error(stderr);
  await writeFile(KUBECONFIG, stdout, { mode: 0o600 });
  const env = { HOME: directory, KUBECONFIG, HTTPS_PROXY: scenario.cloud.endpoints.api };
  return async (...args) => (await promisify(execFile)(program, args, { env, timeout: 30_000 })).stdout.trim();
}

/** Uses the API every few seconds, and knows what went wrong with certificates and tokens. */
export function useApi(kubectl: Kubectl) {
  const errors: string[] = [];
  let [stopped, answers] = [false, 0];
  const use = async (): Promise<void> => {
    while (!stopped) {
      await kubectl("get", "--raw", "/version", "--request-timeout=5s").then(
        () => answers++,
        (error: unknown) => errors.push(String(error)),
      );
      await delay(3_000);
    }
  };
  const using = use();
  return {
    ofTls: () => errors.filter((error) => /x509|certificate|tls|Unauthorized|Forbidden/i.test(error)),
    answers: () => answers,
    stop: async () => {
      stopped = true;
      await using;
    },
  };
}
