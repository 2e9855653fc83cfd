/**
 * Files that a host fetches as one parameter: each is preceded by a line `### PATH MODE`. Plain text, because a booting
 * host has awk and may have no JSON parser; and small, because a standard parameter holds 4 KB
 * (docs/references/aws.md#ssm).
 */
export interface HostFile {
  readonly path: string;
  readonly mode: "0600" | "0644";
  readonly content: string;
}

export function packFiles(files: readonly HostFile[]): string {
  return files.map(({ path, mode, content }) => `### ${path} ${mode}\n${content.trimEnd()}\n`).join("");
}

const PKI = "/etc/kubernetes/pki";

interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/**
 * What every master of a cluster holds: the authorities that kubeadm expects, so that `init` is the same on each of
 * them.
 */
export function sharedMasterFiles(authorities: {
  readonly kubernetes: KeyPair;
  readonly frontProxy: KeyPair;
  readonly etcd: KeyPair;
  readonly serviceAccount: { readonly publicKey: string; readonly key: string };
}): HostFile[] {
  return [
    { path: `${PKI}/ca.crt`, mode: "0644", content: authorities.kubernetes.certificate },
    { path: `${PKI}/ca.key`, mode: "0600", content: authorities.kubernetes.key },
    { path: `${PKI}/front-proxy-ca.crt`, mode: "0644", content: authorities.frontProxy.certificate },
    { path: `${PKI}/front-proxy-ca.key`, mode: "0600", content: authorities.frontProxy.key },
    { path: `${PKI}/sa.pub`, mode: "0644", content: authorities.serviceAccount.publicKey },
    { path: `${PKI}/sa.key`, mode: "0600", content: authorities.serviceAccount.key },
    // etcd's authority without its key: members are issued their certificates, they do not issue any.
    { path: `${PKI}/etcd/ca.crt`, mode: "0644", content: authorities.etcd.certificate },
  ];
}

/** What one member alone holds. The server certificate is also the peer certificate, so it carries both usages. */
export function memberFiles(server: KeyPair, client: KeyPair): HostFile[] {
  return [
    { path: `${PKI}/etcd/server.crt`, mode: "0644", content: server.certificate },
    { path: `${PKI}/etcd/server.key`, mode: "0600", content: server.key },
    { path: `${PKI}/apiserver-etcd-client.crt`, mode: "0644", content: client.certificate },
    { path: `${PKI}/apiserver-etcd-client.key`, mode: "0600", content: client.key },
  ];
}
