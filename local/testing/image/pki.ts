import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createAuthority, issueCertificate, loadAuthority } from "../../image/kubernetes/common/certificates.ts";

/** Writes what a master's user data writes from its bundle to `<root>/etc/kubernetes/pki`; returns that directory. */
export async function writeMemberBundle(root: string): Promise<string> {
  const directory = join(root, "etc/kubernetes/pki");
  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), content);
  };
  for (const [file, name] of [
    ["ca", "kubernetes"],
    ["front-proxy-ca", "front-proxy-ca"],
    ["etcd/ca", "etcd-ca"],
  ] as const) {
    const { certificate, key } = await createAuthority(name);
    write(`${file}.crt`, certificate);
    write(`${file}.key`, key);
    if (name !== "etcd-ca") continue;
    const authority = loadAuthority(certificate, key);
    const alternativeNames = ["localhost", "127.0.0.1"];
    for (const [leaf, usage] of [
      ["etcd/server", "both"],
      ["etcd/peer", "both"],
      ["apiserver-etcd-client", "client"],
    ] as const) {
      const issued = await issueCertificate(authority, { subject: { commonName: leaf }, usage, alternativeNames });
      write(`${leaf}.crt`, issued.certificate);
      write(`${leaf}.key`, issued.key);
    }
  }
  const serviceAccount = generateKeyPairSync("ec", { namedCurve: "P-256" });
  write("sa.key", serviceAccount.privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  write("sa.pub", serviceAccount.publicKey.export({ type: "spki", format: "pem" }).toString());
  return directory;
}
