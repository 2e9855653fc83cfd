import type { BalancerTarget, HostLoadBalancer, HostSpec } from "./driver.ts";
import type { HostFirewall } from "./firewall.ts";
import type { Bind, RuntimeHostSpec } from "./protocol.ts";

// What the driver is given, as the protocol of the host runtime has it.

export function runtimeBalancer({ dnsName, addresses, resolved, listeners }: HostLoadBalancer) {
  return {
    dnsName,
    addresses: [...addresses],
    ...(resolved && { resolved: [...resolved] }),
    listeners: listeners.map(({ port, targets, clients }) => ({
      port,
      targets: targets.map(runtimeTarget),
      ...(clients && { clients: [...clients] }),
    })),
  };
}

function runtimeTarget({ address, port, via }: BalancerTarget) {
  return { address, port, ...(via && { via: [...via] }) };
}

export function runtimeHost(spec: HostSpec, directory: string, binds: Bind[]): RuntimeHostSpec {
  const { credentials: _, vpcId: __, egress: ___, tags, firewall, ...rest } = spec;
  return { ...rest, tags: { ...tags }, ...(firewall && { firewall: runtimeFirewall(firewall) }), directory, binds };
}

export function runtimeFirewall({ ingress, egress }: HostFirewall): NonNullable<RuntimeHostSpec["firewall"]> {
  const copy = (rules: HostFirewall["ingress"]) => rules.map((rule) => ({ ...rule, peers: [...rule.peers] }));
  return { ingress: copy(ingress), egress: copy(egress) };
}
