import type { MasterVariables } from "./boot-variables.ts";
import { heartbeat } from "./heartbeat.ts";
import type { SimulatedHost } from "./host.ts";
import { registerNode } from "./kubernetes.ts";
import { identityOf, mount, startOnOwnVolume } from "./own-volume.ts";
import { holdsWithin, tryFor } from "./retry.ts";
import type { SimulatedVolume } from "./volume.ts";

const VOLUME_MS = 30 * 60_000;
/** Shorter than the script's second, as other pauses here: nothing is asked over a network. */
const COMMITS_MS = 100;

/**
 * `functions/hosts/boot/master.sh`, step by step; the numbers are its own. Rejects with what the script would say as it
 * ends.
 */
export async function bootMaster(host: SimulatedHost, variables: MasterVariables): Promise<void> {
  const { member, uid, parameters } = variables;
  // 0. Software.
  await host.installEtcd();
  const kubernetes = host.installKubernetes();
  kubernetes.catch(() => {}); // The host went down; everything else here says so too.
  const names = ["shared", member, `${member}-volume`].map((name) => `${parameters}/masters/${name}`);
  const [shared = "", , given = ""] = await tryFor(host, 300, () => host.aws.getParameters(names));

  // 1. The volume.
  const [volumeId = "", generationText = "", state = ""] = given.split(" ");
  const generation = Number(generationText);
  const isHeld = state.startsWith("hold");
  host.files.member = member;
  if (isHeld) host.files.held = { etcd: true, kubernetes: true, apiServer: false };
  host.say(`holdfast: member ${member} of ${variables.cluster} waits for ${volumeId}`);
  if (!(await holdsWithin(host, VOLUME_MS, () => host.volumes.has(volumeId))))
    throw new Error("the volume did not come within 30 minutes");
  const volume = mount(host, volumeId);
  const expected = identityOf({ uid, member, generation });
  identify(volume, { expected, isNew: state.endsWith("new"), member, anyOf: isHeld ? `${uid} ${member} ` : undefined });

  // 2. Certificates. 3. etcd. 4. The heartbeat.
  host.files.master = { ...variables, volumeId, generation };
  host.files.authority = firstCertificate(shared);
  if (!host.etcd) {
    host.etcdUnit.start(volume);
    void heartbeat(host, host.files.master);
  }
  host.say(`holdfast: etcd member ${member} started`);

  // 5. Kubernetes, once etcd commits.
  await kubernetes;
  while (host.files.held?.kubernetes || host.etcdUnit.withQuorum() === undefined) await host.sleep(COMMITS_MS);
  await host.startControlPlane();
  host.files.kubelet = { endpoint: variables.endpoint };
  await registerNode(host);
  host.say(`holdfast: master ${member} is up`);
}

/** A later boot: no user data, only what is in /etc/fstab and the units that are enabled. */
export async function startAgain(host: SimulatedHost): Promise<void> {
  const { master, kubelet } = host.files;
  if (master) {
    void heartbeat(host, master);
    if (!(await holdsWithin(host, VOLUME_MS, () => host.volumes.has(master.volumeId)))) return;
    startOnOwnVolume(host, master);
  }
  if (kubelet) await registerNode(host);
}

/**
 * A file system and an identity are written only where the control plane said that there is none yet: never over data.
 */
function identify(
  volume: SimulatedVolume,
  request: { expected: string; isNew: boolean; member: string; anyOf: string | undefined },
): void {
  const { content } = volume;
  if (!content.formatted) {
    if (!request.isNew) throw new Error(`refused: ${volume.id} is blank, but member ${request.member} had data on it`);
    volume.write({ formatted: true });
  }
  if (content.identity === undefined) {
    if (!request.isNew)
      throw new Error(`refused: ${volume.id} carries no identity, but member ${request.member} had data on it`);
    volume.write({ identity: request.expected });
  } else if (content.identity !== request.expected && !isOfAny(content.identity, request.anyOf)) {
    throw new Error(`refused: ${volume.id} belongs to '${content.identity}', not to '${request.expected}'`);
  }
}

/** On hold, the generation may be the one of before. */
function isOfAny(identity: string, prefix: string | undefined): boolean {
  return prefix !== undefined && identity.startsWith(prefix);
}

/** Of the shared files the first is the authority by which an API server knows its clients. */
function firstCertificate(sharedFiles: string): string {
  const [pem] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(sharedFiles) ?? [];
  if (pem === undefined) throw new Error("there is no certificate among the shared files");
  return pem;
}
