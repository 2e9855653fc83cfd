import { writeFile } from "node:fs/promises";
import type { HostFirewall } from "../firewall.ts";
import { metadataAddress, resolverAddress } from "../root-file-system.ts";
import { runProgram } from "./commands.ts";
import { enforceFirewall } from "./firewall.ts";

const bridge = "br0";
/** Fixed, as a bridge otherwise takes its MAC from its ports, and hosts would keep stale neighbour entries for their router. */
const bridgeMac = "02:00:00:ff:ff:01";

/** The network of one VPC: a bridge that is every subnet's router, and a cable from it to each host. */
export class VpcNetwork {
  readonly #bridgeAddresses = new Set<string>();
  #links = 0;

  /** Makes the bridge in the namespace of this process. The VPC has no way out: what is not in it is unreachable at once. */
  async open(): Promise<void> {
    await ip([
      "link set lo up",
      `link add ${bridge} address ${bridgeMac} type bridge`,
      `link set ${bridge} up`,
      `addr add ${metadataAddress}/32 dev ${bridge}`,
      `addr add ${resolverAddress}/32 dev ${bridge}`,
    ]);
    await writeFile("/proc/sys/net/ipv4/ip_forward", "1");
    await writeFile(`/proc/sys/net/ipv4/conf/all/send_redirects`, "0");
    await writeFile(`/proc/sys/net/ipv4/conf/${bridge}/send_redirects`, "0");
  }

  /**
   * Connects the network namespace of process `pid` to the bridge, with the address and the MAC of its interface, behind its
   * security groups. Resolves with the name of the cable's near end.
   */
  async connect(
    pid: number,
    host: { address: string; mac: string; subnetCidr: string },
    firewall: HostFirewall | undefined,
  ): Promise<string> {
    const link = `veth${++this.#links}`;
    if (firewall) await this.setFirewall(pid, host.subnetCidr, firewall);
    const { router, prefix } = subnetOf(host.subnetCidr);
    const known = this.#bridgeAddresses.has(router);
    this.#bridgeAddresses.add(router);
    await ip([
      ...(known ? [] : [`addr add ${router}/${prefix} dev ${bridge}`]),
      `link add ${link} type veth peer name eth0 address ${host.mac} netns ${pid}`,
      `link set ${link} master ${bridge}`,
      `link set ${link} up`,
    ]);
    await runProgram(
      "nsenter",
      ["--target", String(pid), "--net", "ip", "-batch", "-"],
      [`addr add ${host.address}/${prefix} dev eth0`, "link set eth0 up", `route add default via ${router}`].join("\n"),
    );
    return link;
  }

  /** Connections of the local cloud itself come from the subnet's router, from which on AWS nothing comes. */
  async setFirewall(pid: number, subnetCidr: string, firewall: HostFirewall): Promise<void> {
    await enforceFirewall(pid, firewall, subnetOf(subnetCidr).router);
  }

  /** Removes a cable at once: left to the end of the namespace it would linger, and hold the host's address. */
  async disconnect(link: string): Promise<void> {
    // The namespace of a dead host may have taken the cable with it already.
    await ip([`link del ${link}`]).catch(() => undefined);
  }

  async setLink(link: string, up: boolean): Promise<void> {
    await ip([`link set ${link} ${up ? "up" : "down"}`]);
  }

  /** What process `pid`'s network namespace sends to these addresses is dropped; what they send to it still arrives. */
  async setBlocked(pid: number, addresses: readonly string[], blocked: boolean): Promise<void> {
    const lines = addresses.map((address) => `route ${blocked ? "replace" : "del"} blackhole ${address}/32`);
    await runProgram("nsenter", ["--target", String(pid), "--net", "ip", "-batch", "-"], lines.join("\n"));
  }

  async addAddress(address: string): Promise<void> {
    await ip([`addr add ${address}/32 dev ${bridge}`]);
  }

  async removeAddress(address: string): Promise<void> {
    await ip([`addr del ${address}/32 dev ${bridge}`]);
  }
}

async function ip(lines: readonly string[]): Promise<void> {
  await runProgram("ip", ["-batch", "-"], lines.join("\n"));
}

/** AWS's router is the first address of each subnet. */
function subnetOf(cidr: string): { router: string; prefix: number } {
  const [base = "", prefix = ""] = cidr.split("/");
  const octets = base.split(".").map(Number);
  const network = octets.reduce((sum, octet) => sum * 256 + octet, 0) + 1;
  const router = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join(".");
  return { router, prefix: Number(prefix) };
}
