import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { memberFiles, sharedMasterFiles } from "../../functions/domain/host/host-files.ts";
import { issueAuthorities, issueLeaf } from "../../functions/pki/pki.ts";
import { startEtcd } from "../../local/testing/image/etcd.ts";
import { eventually } from "../../local/testing/image/eventually.ts";

const PKI = "/etc/kubernetes/pki";

/** What a master of a new cluster fetches, as files below a directory of their own; the member is this machine. */
async function makeMaster(root: string): Promise<string> {
  const now = new Date();
  const authorities = await issueAuthorities(now);
  const leaf = { commonName: "a", addresses: ["127.0.0.1"], names: ["localhost"] };
  const server = await issueLeaf(authorities.etcd, { ...leaf, usages: ["server", "client"] }, now);
  const client = await issueLeaf(authorities.etcd, { commonName: "apiserver", usages: ["client"] }, now);
  for (const { path, content } of [...sharedMasterFiles(authorities), ...memberFiles(server, client)]) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const directory = join(root, PKI);
  // The server's certificate is the peer's as well.
  for (const ending of ["crt", "key"])
    writeFileSync(join(directory, `etcd/peer.${ending}`), ending === "crt" ? server.certificate : server.key);
  return directory;
}

test("etcd takes the certificates of its own cluster, and refuses those of another", async () => {
  const root = mkdtempSync(join(tmpdir(), "holdfast-etcd-"));
  const [own, other] = await Promise.all([makeMaster(join(root, "own")), makeMaster(join(root, "other"))]);
  const etcd = await startEtcd(root, own);
  onTestFinished(async () => {
    await etcd.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const put = (client: string, certificate: string) => {
    const files = ["--cert", join(client, `${certificate}.crt`), "--key", join(client, `${certificate}.key`)];
    const authority = ["--cacert", join(own, "etcd/ca.crt")];
    const args = ["--endpoints", etcd.endpoint, "--command-timeout=2s", ...authority, ...files, "put", "a", "b"];
    return spawnSync("etcdctl", args, { encoding: "utf8", env: { ...process.env, ETCDCTL_API: "3" } });
  };

  await eventually(async () => expect(put(own, "apiserver-etcd-client").stdout).toBe("OK\n"));
  expect(put(own, "etcd/server").stdout).toBe("OK\n");
  for (const certificate of ["apiserver-etcd-client", "etcd/server"])
    expect(put(other, certificate)).toMatchObject({ status: 1, stdout: "" });
}, 30_000);
