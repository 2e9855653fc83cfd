import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hostPaths } from "./host-paths.ts";
import { stopKubelet } from "./kubelet-service.ts";

const KUBECONFIGS = ["admin.conf", "kubelet.conf", "bootstrap-kubelet.conf"];

/** `kubeadm reset --force`: stops the kubelet and removes what `init` or `join` left on the host. The cluster does not learn of it. */
export function runReset(argv: string[]): number {
  const { values } = parseArgs({
    args: argv,
    options: { force: { type: "boolean", short: "f" }, rootfs: { type: "string", default: "/" } },
  });
  if (!values.force) throw new Error("the stand-in of kubeadm cannot ask; say --force to proceed with reset operation");
  stopKubelet();
  const paths = hostPaths(values.rootfs);
  const leftovers = [paths.manifests, paths.certificates, paths.kubelet];
  leftovers.push(...KUBECONFIGS.map((file) => join(paths.kubernetes, file)));
  for (const path of leftovers) rmSync(path, { recursive: true, force: true });
  process.stdout.write(`[reset] Deleted ${leftovers.join(" ")}\n`);
  return 0;
}
