import "reflect-metadata";
import { DescribeVolumesCommand, GetConsoleOutputCommand } from "@aws-sdk/client-ec2";
import { SubjectKeyIdentifierExtension, X509Certificate } from "@peculiar/x509";
import { newSigningRequest } from "../../../client/signing-request.ts";
import { KubeconfigViewSchema } from "../../../functions/domain/api/views.ts";
import { type CaseName, clusterName, RUN_TAG } from "../cases.ts";
import { apiOf, failed, type Outcome, passed, skipped, type Tools } from "../tools.ts";
import { getCluster } from "./create.ts";

/** Root volumes carry the tag too, since the launch templates say so. */
export async function checkDisks(of: CaseName, tools: Tools): Promise<Outcome> {
  const { members, nodes } = await getCluster(tools, of);
  const ids = [...members, ...nodes].flatMap(({ instanceId }) => (instanceId === null ? [] : [instanceId]));
  const Filters = [{ Name: "attachment.instance-id", Values: ids }];
  const { Volumes = [] } = await tools.aws.ec2.send(new DescribeVolumesCommand({ Filters }));
  const volumes = Volumes.map(({ VolumeId, Size, VolumeType, Encrypted, Attachments = [], Tags = [] }) => ({
    ...{ id: VolumeId, gib: Size, type: VolumeType, encrypted: Encrypted === true },
    device: Attachments[0]?.Device,
    tagged: Tags.some(({ Key, Value }) => Key === RUN_TAG && Value === tools.state.run),
  }));
  const open = volumes.filter(({ encrypted }) => !encrypted);
  if (volumes.length === 0) return failed("no volume is attached to the cluster's instances", { ids });
  return open.length === 0
    ? passed(`${volumes.length} volumes, all encrypted`, { volumes })
    : failed(`${open.length} of ${volumes.length} volumes are not encrypted`, { volumes });
}

/** `[a-z0-9]{6}.[a-z0-9]{16}`: what kubeadm calls a bootstrap token. */
const TOKEN = /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/;

export async function checkConsole(of: CaseName, tools: Tools): Promise<Outcome> {
  const { members } = await getCluster(tools, of);
  const outputs = await Promise.all(
    members.flatMap(({ instanceId }) => (instanceId === null ? [] : [consoleOf(tools, instanceId)])),
  );
  const text = outputs.join("\n");
  const evidence = { instances: outputs.length, characters: text.length };
  if (text.trim() === "") return skipped("EC2 has no console output of the masters yet", evidence);
  // The token itself is not repeated.
  return TOKEN.test(text) ? failed("a join token stands on the console", evidence) : passed("no join token", evidence);
}

/** The latest output, which Nitro types offer; others have the one from after the boot. */
async function consoleOf({ aws }: Tools, InstanceId: string): Promise<string> {
  const read = (Latest: boolean) => aws.ec2.send(new GetConsoleOutputCommand({ InstanceId, Latest }));
  const { Output = "" } = await read(true).catch(() => read(false));
  return Buffer.from(Output, "base64").toString("utf8");
}

/** What Python 3.13 and `openssl verify -x509_strict` ask for. The key that is signed is thrown away. */
export async function checkAuthority(of: CaseName, tools: Tools): Promise<Outcome> {
  const name = clusterName(tools.state.run, of);
  const { request } = await newSigningRequest(tools.state.run);
  const body = { certificateRequest: request, minutes: 10 };
  const view = await apiOf(tools).post(`/clusters/${name}/kubeconfig`, body, KubeconfigViewSchema);
  const authority = new X509Certificate(view.certificateAuthority);
  const keyId = authority.getExtension(SubjectKeyIdentifierExtension)?.keyId;
  const evidence = { server: view.server, keyId: keyId ?? null, until: authority.notAfter.toISOString() };
  return keyId === undefined
    ? failed("the authority has no Subject Key Identifier", evidence)
    : passed("the authority has a Subject Key Identifier", evidence);
}
