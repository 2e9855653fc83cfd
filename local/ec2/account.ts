import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine/engine.ts";

function attributeValues(engine: Engine): Readonly<Record<string, string>> {
  const defaultVpc = engine.store.vpcs.list().find((vpc) => vpc.isDefault);
  const elasticIps = String(engine.quotas.limit("elasticIps"));
  return {
    "supported-platforms": "VPC",
    "default-vpc": defaultVpc?.id ?? "none",
    "vpc-max-elastic-ips": elasticIps,
    "max-elastic-ips": elasticIps,
    "vpc-max-security-groups-per-interface": String(engine.quotas.limit("groupsPerInterface")),
  };
}

export function accountHandlers(engine: Engine): Handlers<typeof ec2> {
  return {
    DescribeAccountAttributes(input) {
      const wanted: readonly string[] = input.AttributeNames ?? [];
      const chosen = Object.entries(attributeValues(engine)).filter(
        ([name]) => wanted.length === 0 || wanted.includes(name),
      );
      return {
        AccountAttributes: chosen.map(([AttributeName, AttributeValue]) => ({
          AttributeName,
          AttributeValues: [{ AttributeValue }],
        })),
      };
    },

    DescribeKeyPairs() {
      return { KeyPairs: [] };
    },
  };
}
