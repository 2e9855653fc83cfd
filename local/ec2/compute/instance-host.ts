import type { HostCredentials, HostSpec } from "../../hosts/driver.ts";
import type { Engine } from "../engine/engine.ts";
import type { Instance } from "../engine/state-compute.ts";
import { hasEgress } from "../network/egress.ts";
import { privateDnsName } from "../network/interface-view.ts";
import { instanceTypeNamed } from "./instance-type-table.ts";

const sessionMs = 6 * 3_600_000;
/** Instance metadata hands out new keys some time before the old ones expire. */
const renewalMs = 10 * 60_000;

/** What the driver needs to boot the instance's host. */
export function hostSpec(engine: Engine, instance: Instance): HostSpec {
  const { context, store } = engine;
  const role = instance.profileArn === undefined ? undefined : engine.instanceRoles(instance.profileArn);
  return {
    instanceId: instance.id,
    vpcId: instance.vpcId,
    address: instance.address,
    mac: instance.mac,
    subnetCidr: store.subnets.get(instance.subnetId).cidr,
    zone: instance.zone,
    region: context.region,
    accountId: context.accountId,
    instanceType: instance.type,
    hypervisor: instanceTypeNamed(instance.type).nitro ? "nitro" : "xen",
    imageId: instance.imageId,
    ...imageName(engine, instance.imageId),
    hostname: privateDnsName(context.region, instance.address),
    userData: Buffer.from(instance.userData, "base64").toString(),
    tags: { ...instance.tags },
    credentials: roleCredentials(engine, instance),
    egress: () => {
      const primary = store.networkInterfaces.find(instance.networkInterfaceIds[0]);
      return primary !== undefined && hasEgress(engine, primary);
    },
    firewall: engine.firewalls.atLaunch(engine, instance),
    ...(role && { instanceProfileName: role.profileName }),
  };
}

/** Nothing for an image that was deregistered after the launch. */
function imageName({ store }: Engine, imageId: string): Pick<HostSpec, "imageName"> {
  const image = store.images.find(imageId);
  return image ? { imageName: image.name } : {};
}

/** Keys of the profile's role, the same ones until they are about to expire or the role changes. */
function roleCredentials(engine: Engine, instance: Instance): HostSpec["credentials"] {
  let current: (HostCredentials & { readonly roleArn: string }) | undefined;
  return async () => {
    const role = instance.profileArn === undefined ? undefined : engine.instanceRoles(instance.profileArn);
    if (!role) return undefined;
    const now = engine.context.clock.now();
    if (!current || current.roleArn !== role.roleArn || current.expiresAt - now < renewalMs) {
      const { accessKeyId, secretAccessKey, sessionToken } = engine.context.credentials.assumeRole(
        role.roleArn,
        instance.id,
      );
      const { roleName, roleArn } = role;
      current = { roleName, roleArn, accessKeyId, secretAccessKey, sessionToken, expiresAt: now + sessionMs };
    }
    const { roleArn, ...credentials } = current;
    return credentials;
  };
}
