import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeAddressesCommand,
  paginateDescribeInstances,
  paginateDescribeNatGateways,
  paginateDescribeSubnets,
  paginateDescribeVolumes,
  paginateDescribeVpcs,
  type Tag,
} from "@aws-sdk/client-ec2";
import { TAG } from "../../domain/cluster/naming.ts";
import { call } from "../common/aws-errors.ts";
import { listMachines } from "./account.ts";
import { fromTags } from "./client.ts";

/**
 * What of a Region's quotas is used, by everybody but the cluster of `uid`: a creation that continues must not count
 * itself.
 */
export function usageOf(ec2: EC2Client, uid: string | undefined) {
  const foreign = ({ Tags }: { Tags?: Tag[] | undefined }): boolean =>
    uid === undefined || fromTags(Tags)[TAG.uid] !== uid;
  const client = { client: ec2 };
  return {
    vpcs: async () => (await all(paginateDescribeVpcs(client, {}), ({ Vpcs }) => Vpcs)).filter(foreign).length,

    elasticIps: async () => {
      const { Addresses = [] } = await call(ec2.send(new DescribeAddressesCommand({})));
      return Addresses.filter(foreign).length;
    },

    /** By zone; without asking which zone each is in, as long as all of them in one would fit below `enough`. */
    natGateways: async (enough: number): Promise<(zone: string) => number> => {
      const Filter = [{ Name: "state", Values: ["pending", "available", "deleting"] }];
      const pages = paginateDescribeNatGateways(client, { Filter });
      const gateways = (await all(pages, ({ NatGateways }) => NatGateways)).filter(foreign);
      if (gateways.length < enough) return () => gateways.length;
      const subnets = await all(paginateDescribeSubnets(client, {}), ({ Subnets }) => Subnets);
      const zones = new Map(subnets.map(({ SubnetId, AvailabilityZone }) => [SubnetId, AvailabilityZone]));
      return (zone) => gateways.filter(({ SubnetId }) => zones.get(SubnetId) === zone).length;
    },

    /** GiB of gp3. */
    storage: async () => {
      const pages = paginateDescribeVolumes(
        { ...client, pageSize: 500 },
        { Filters: [{ Name: "volume-type", Values: ["gp3"] }] },
      );
      const volumes = (await all(pages, ({ Volumes }) => Volumes)).filter(foreign);
      return volumes.reduce((sum, { Size = 0 }) => sum + Size, 0);
    },

    /** Instance types of what runs On-Demand, one entry an instance. */
    runningTypes: async (): Promise<string[]> => {
      const pages = paginateDescribeInstances(
        { ...client, pageSize: 1_000 },
        { Filters: [{ Name: "instance-state-name", Values: ["pending", "running"] }] },
      );
      const reservations = await all(pages, ({ Reservations }) => Reservations);
      return reservations
        .flatMap(({ Instances = [] }) => Instances)
        .filter((instance) => foreign(instance) && instance.InstanceLifecycle === undefined)
        .map(({ InstanceType = "" }) => InstanceType);
    },
  };
}

/** vCPUs of each instance type: those that are known, and the others asked for in one call. */
export async function vcpusOf(
  ec2: EC2Client,
  instanceTypes: readonly string[],
  known: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const unknown = [...new Set(instanceTypes)].filter((type) => !known.has(type));
  if (unknown.length === 0) return known;
  const machines = await listMachines(ec2, unknown);
  return new Map([...known, ...[...machines].map(([type, { vcpus }]): [string, number] => [type, vcpus])]);
}

async function all<P, T>(pages: AsyncIterable<P>, itemsOf: (page: P) => T[] | undefined): Promise<T[]> {
  return call(
    (async () => {
      const items: T[] = [];
      for await (const page of pages) items.push(...(itemsOf(page) ?? []));
      return items;
    })(),
  );
}
