import { AwsError } from "../../wire/contract.ts";
import { formatAddress, type Network, parseAddress, parseNetwork } from "../engine/cidr.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidValue } from "../engine/errors.ts";
import type { Subnet } from "../engine/state-network.ts";

/** AWS keeps the network, router, resolver and "future" addresses, and the broadcast address. */
const reservedAtStart = 4;
const reservedInAll = 5;

/**
 * Where automatic addresses begin. AWS hands out any free address of the subnet. Here they are those that people like to
 * give by hand: what asks for a fixed address must not count on finding it free.
 */
const firstAutomaticOffset = 10;

function networkOf(subnet: Subnet): Network {
  const network = parseNetwork(subnet.cidr);
  if (!network) throw new Error(`subnet ${subnet.id} has no valid network: ${subnet.cidr}`);
  return network;
}

function takenAddresses(engine: Engine, subnet: Subnet): Set<string> {
  const interfaces = engine.store.networkInterfaces.list();
  return new Set(interfaces.filter((each) => each.subnetId === subnet.id).map((each) => each.address));
}

/** How many addresses of a subnet are still free. */
export function freeAddresses(engine: Engine, subnet: Subnet): number {
  const { first, last } = networkOf(subnet);
  return last - first + 1 - reservedInAll - takenAddresses(engine, subnet).size;
}

/**
 * An address of the subnet: the wanted one, or the next free one. A released address is not used again soon, because
 * records and caches may still name its last owner.
 * @throws AwsError `InvalidIPAddress.InUse`, `InvalidParameterValue`, `InsufficientFreeAddressesInSubnet`
 */
export function takeAddress(engine: Engine, subnet: Subnet, wanted: string | undefined): string {
  const taken = takenAddresses(engine, subnet);
  return wanted === undefined ? nextAddress(engine, subnet, taken) : fixedAddress(subnet, wanted, taken);
}

function fixedAddress(subnet: Subnet, wanted: string, taken: ReadonlySet<string>): string {
  const { first, last } = networkOf(subnet);
  const address = parseAddress(wanted);
  if (address === undefined) throw invalidValue(`Value (${wanted}) for parameter privateIpAddress is invalid.`);
  if (address < first || address > last) {
    throw invalidValue(`Address ${wanted} does not fall within the subnet's address range`);
  }
  if (address < first + reservedAtStart || address === last) {
    throw invalidValue(`Address ${wanted} is in subnet's reserved address range`);
  }
  if (taken.has(wanted)) throw new AwsError("InvalidIPAddress.InUse", `Address ${wanted} is in use.`);
  return wanted;
}

function nextAddress(engine: Engine, subnet: Subnet, taken: ReadonlySet<string>): string {
  const { first, last } = networkOf(subnet);
  const usable = last - first - reservedAtStart;
  const start = engine.addressCursors.get(subnet.id) ?? firstAutomaticOffset;
  for (let step = 0; step < usable; step++) {
    const offset = reservedAtStart + ((start - reservedAtStart + step) % usable);
    const address = formatAddress(first + offset);
    if (taken.has(address)) continue;
    engine.addressCursors.set(subnet.id, offset + 1);
    return address;
  }
  throw new AwsError(
    "InsufficientFreeAddressesInSubnet",
    `The specified subnet '${subnet.id}' does not have enough free addresses to satisfy the request.`,
  );
}
