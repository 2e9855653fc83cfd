import { join } from "node:path";
import { parseArgs } from "node:util";
import { ApiClient } from "../common/api-client.ts";
import { generateToken, parseToken, TOKEN_SECRET_NAMESPACE, tokenSecret } from "../common/bootstrap-token.ts";
import { UsageError } from "../common/command.ts";
import { parseDuration } from "../common/duration.ts";
import { readKubeconfig } from "../common/kubeconfig.ts";
import { hostPaths } from "./host-paths.ts";

/** `kubeadm token create [TOKEN] [--ttl 24h] [--description TEXT]`: prints the token. */
export async function runToken(argv: string[]): Promise<number> {
  const [action, ...args] = argv;
  if (action !== "create")
    throw new UsageError(`the stand-in of kubeadm knows "token create" only, not "${action ?? ""}"`);
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ttl: { type: "string", default: "24h0m0s" },
      description: { type: "string" },
      kubeconfig: { type: "string" },
      rootfs: { type: "string", default: "/" },
    },
  });
  const lifetimeMs = parseDuration(values.ttl);
  if (lifetimeMs === undefined) {
    throw new UsageError(`invalid argument "${values.ttl}" for "--ttl" flag: time: invalid duration "${values.ttl}"`);
  }
  const token = positionals[0] === undefined ? generateToken() : parseToken(positionals[0]);
  if (!token) throw new UsageError(`the bootstrap token "${positionals[0]}" is invalid`);
  const secret = tokenSecret(token, {
    // A lifetime of 0 means for ever.
    ...(lifetimeMs > 0 && { expiration: new Date(Date.now() + lifetimeMs) }),
    ...(values.description && { description: values.description }),
  });
  const kubeconfig = values.kubeconfig ?? join(hostPaths(values.rootfs).kubernetes, "admin.conf");
  const client = new ApiClient(readKubeconfig(kubeconfig), { timeoutMs: 10_000 });
  await client.create(`/api/v1/namespaces/${TOKEN_SECRET_NAMESPACE}/secrets`, secret);
  process.stdout.write(`${token.id}.${token.secret}\n`);
  return 0;
}
