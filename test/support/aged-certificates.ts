import { GetParameterCommand, PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { memberFiles, packFiles } from "../../functions/domain/host/host-files.ts";
import { Authorities, issueLeaf } from "../../functions/pki/pki.ts";

const DAY_MS = 86_400_000;

/** Puts certificates as they were issued so many days ago in the place of a member's own; its next instance has them. */
export async function ageCertificates(
  ssm: SSMClient,
  cluster: string,
  { name, address }: { readonly name: string; readonly address: string },
  days: number,
): Promise<void> {
  const nameOf = (path: string) => `/holdfast/${cluster}/${path}`;
  const read = new GetParameterCommand({ Name: nameOf("control/authorities"), WithDecryption: true });
  const { Parameter } = await ssm.send(read);
  const { etcd } = Authorities.parse(JSON.parse(Parameter?.Value ?? ""));
  const then = new Date(Date.now() - days * DAY_MS);
  const leaf = { commonName: name, addresses: [address, "127.0.0.1"], names: ["localhost"] };
  const server = await issueLeaf(etcd, { ...leaf, usages: ["server", "client"] }, then);
  const client = await issueLeaf(etcd, { commonName: "kube-apiserver-etcd-client", usages: ["client"] }, then);
  const Value = packFiles(memberFiles(server, client));
  await ssm.send(
    new PutParameterCommand({ Name: nameOf(`masters/${name}`), Value, Type: "SecureString", Overwrite: true }),
  );
}
