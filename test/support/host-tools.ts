import { ensureHostTools } from "../../scripts/ensure-host-tools.ts";

/** Once before the local cloud's own tests: the programs that hosts are made with, among them etcd with etcdutl. */
export default async function hostTools(): Promise<void> {
  await ensureHostTools(console.error);
}
