import type { _InstanceType, ArchitectureType } from "@aws-sdk/client-ec2";
import { AwsError } from "../../wire/contract.ts";

export interface InstanceTypeFacts {
  readonly name: _InstanceType;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly architecture: Extract<ArchitectureType, "x86_64" | "arm64">;
  /** Network interfaces that fit in. */
  readonly interfaces: number;
  readonly addressesPerInterface: number;
  /** Newer types run on Nitro, whose volumes are NVMe devices. */
  readonly nitro: boolean;
  readonly burstable: boolean;
}

const rows = [
  // name, vCPU, memory GiB, interfaces, addresses of each
  ["t2.micro", 1, 1, 2, 2],
  ["t2.small", 1, 2, 3, 4],
  ["t2.medium", 2, 4, 3, 6],
  ["t2.large", 2, 8, 3, 12],
  ["t3.micro", 2, 1, 2, 2],
  ["t3.small", 2, 2, 3, 4],
  ["t3.medium", 2, 4, 3, 6],
  ["t3.large", 2, 8, 3, 12],
  ["t3.xlarge", 4, 16, 4, 15],
  ["t3.2xlarge", 8, 32, 4, 15],
  ["t3a.small", 2, 2, 2, 4],
  ["t3a.medium", 2, 4, 3, 6],
  ["t3a.large", 2, 8, 3, 12],
  ["t4g.micro", 2, 1, 2, 2],
  ["t4g.small", 2, 2, 3, 4],
  ["t4g.medium", 2, 4, 3, 6],
  ["t4g.large", 2, 8, 3, 12],
  ["m3.medium", 1, 3.75, 2, 6],
  ["m4.large", 2, 8, 2, 10],
  ["m5.large", 2, 8, 3, 10],
  ["m5.xlarge", 4, 16, 4, 15],
  ["m5.2xlarge", 8, 32, 4, 15],
  ["m6g.medium", 1, 4, 2, 4],
  ["m6g.large", 2, 8, 3, 10],
  ["m6g.xlarge", 4, 16, 4, 15],
  ["c4.large", 2, 3.75, 3, 10],
  ["c5.large", 2, 4, 3, 10],
  ["c5.xlarge", 4, 8, 4, 15],
  ["c6g.large", 2, 4, 3, 10],
  ["c6g.xlarge", 4, 8, 4, 15],
  ["r5.large", 2, 16, 3, 10],
  ["r5.xlarge", 4, 32, 4, 15],
] as const satisfies readonly (readonly [_InstanceType, number, number, number, number])[];

/** The types that the local cloud offers; sizes and interface limits as in EC2's instance type reference. */
export const instanceTypes: readonly InstanceTypeFacts[] = rows.map(
  ([name, vcpus, memoryGiB, interfaces, addressesPerInterface]) => ({
    name,
    vcpus,
    memoryMiB: memoryGiB * 1024,
    architecture: /^[a-z]\d+g\./.test(name) ? "arm64" : "x86_64",
    interfaces,
    addressesPerInterface,
    nitro: !/^(?:t2|m3|m4|c4)\./.test(name),
    burstable: name.startsWith("t"),
  }),
);

/** Old hardware that a zone never got, or new hardware that an old zone never got. */
const missing: Readonly<Record<string, RegExp>> = {
  "us-west-2d": /^(?:t2|m3|m4|c4)\./,
  "us-east-1e": /^(?:t3|t3a|t4g|m5|m6g|c5|c6g|r5)\./,
};

export function isOffered(type: string, zone: string): boolean {
  return !missing[zone]?.test(type);
}

/** @throws AwsError `InvalidInstanceType` for a type that does not exist here. */
export function instanceTypeNamed(name: string): InstanceTypeFacts {
  const type = instanceTypes.find((each) => each.name === name);
  if (!type) throw new AwsError("InvalidInstanceType", `The following supplied instance types do not exist: [${name}]`);
  return type;
}
