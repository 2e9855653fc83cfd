import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine/engine.ts";

/** Kinds of resources of which this account has none: operators list them when they look for what costs or connects. */
export function absentHandlers({ context }: Engine): Handlers<typeof ec2> {
  const { region } = context;
  return {
    DescribeCapacityReservations: () => ({ CapacityReservations: [] }),
    DescribeCustomerGateways: () => ({ CustomerGateways: [] }),
    DescribeEgressOnlyInternetGateways: () => ({ EgressOnlyInternetGateways: [] }),
    DescribeFlowLogs: () => ({ FlowLogs: [] }),
    DescribeHosts: () => ({ Hosts: [] }),
    DescribePlacementGroups: () => ({ PlacementGroups: [] }),
    DescribeReservedInstances: () => ({ ReservedInstances: [] }),
    DescribeSpotInstanceRequests: () => ({ SpotInstanceRequests: [] }),
    DescribeTransitGateways: () => ({ TransitGateways: [] }),
    DescribeVpcPeeringConnections: () => ({ VpcPeeringConnections: [] }),
    DescribeVpnConnections: () => ({ VpnConnections: [] }),
    // AWS's own, which route tables and rules may name.
    DescribePrefixLists: () => ({
      PrefixLists: ["s3", "dynamodb"].map((service, index) => ({
        PrefixListId: `pl-0000000${index + 1}`,
        PrefixListName: `com.amazonaws.${region}.${service}`,
        Cidrs: [`198.51.100.${index * 16}/28`],
      })),
    }),
  };
}
