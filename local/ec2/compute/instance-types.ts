import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { type FilterAttributes, selectFrom } from "../engine/filters.ts";
import { zonesOf } from "../network/zones.ts";
import { type InstanceTypeFacts, instanceTypeNamed, instanceTypes, isOffered } from "./instance-type-table.ts";

const offeringFilters: FilterAttributes<ec2.InstanceTypeOffering> = {
  "instance-type": (offering) => offering.InstanceType,
  location: (offering) => offering.Location,
};

const typeFilters: FilterAttributes<InstanceTypeFacts> = {
  "instance-type": (type) => type.name,
  "processor-info.supported-architecture": (type) => type.architecture,
  "vcpu-info.default-vcpus": (type) => type.vcpus,
  "memory-info.size-in-mib": (type) => type.memoryMiB,
  "burstable-performance-supported": (type) => type.burstable,
  hypervisor: (type) => (type.nitro ? "nitro" : "xen"),
  "current-generation": (type) => type.nitro || type.name.startsWith("t2"),
  "bare-metal": () => false,
};

function offerings(engine: Engine, kind: ec2.LocationType): ec2.InstanceTypeOffering[] {
  const zones = zonesOf(engine.context.region);
  if (kind === "region") {
    return instanceTypes.map((type) => ({
      InstanceType: type.name,
      LocationType: kind,
      Location: engine.context.region,
    }));
  }
  return zones.flatMap((zone) =>
    instanceTypes
      .filter((type) => isOffered(type.name, zone.name))
      .map((type) => ({
        InstanceType: type.name,
        LocationType: kind,
        Location: kind === "availability-zone" ? zone.name : zone.id,
      })),
  );
}

export function instanceTypeHandlers(engine: Engine): Handlers<typeof ec2> {
  return {
    DescribeInstanceTypes(input) {
      const named = input.InstanceTypes ?? [];
      const chosen = named.length > 0 ? named.map(instanceTypeNamed) : instanceTypes;
      const { items, ...next } = selectFrom(chosen, input, typeFilters);
      return { InstanceTypes: items.map(typeView), ...next };
    },

    DescribeInstanceTypeOfferings(input) {
      const { items, ...next } = selectFrom(offerings(engine, input.LocationType ?? "region"), input, offeringFilters);
      return { InstanceTypeOfferings: items, ...next };
    },
  };
}

function typeView(type: InstanceTypeFacts): ec2.InstanceTypeInfo {
  return {
    InstanceType: type.name,
    CurrentGeneration: type.nitro || type.name.startsWith("t2"),
    FreeTierEligible: type.name === "t2.micro" || type.name === "t3.micro",
    SupportedUsageClasses: ["on-demand", "spot"],
    SupportedRootDeviceTypes: ["ebs"],
    SupportedVirtualizationTypes: ["hvm"],
    BareMetal: false,
    Hypervisor: type.nitro ? "nitro" : "xen",
    ProcessorInfo: { SupportedArchitectures: [type.architecture] },
    VCpuInfo: { DefaultVCpus: type.vcpus },
    MemoryInfo: { SizeInMiB: type.memoryMiB },
    InstanceStorageSupported: false,
    EbsInfo: { EncryptionSupport: "supported", NvmeSupport: type.nitro ? "required" : "unsupported" },
    NetworkInfo: {
      MaximumNetworkInterfaces: type.interfaces,
      Ipv4AddressesPerInterface: type.addressesPerInterface,
      Ipv6Supported: true,
      EnaSupport: type.nitro ? "required" : "unsupported",
    },
    BurstablePerformanceSupported: type.burstable,
  };
}
