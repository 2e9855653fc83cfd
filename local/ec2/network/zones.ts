import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidValue } from "../engine/errors.ts";
import { type FilterAttributes, selectFrom } from "../engine/filters.ts";

export interface Zone {
  readonly name: string;
  readonly id: string;
}

/** Zone letters to the numbers in zone ids. AWS shuffles them for each account; so do we, but always alike. */
const zoneNumbers: Readonly<Record<string, { prefix: string; numbers: readonly number[] }>> = {
  "us-west-2": { prefix: "usw2", numbers: [2, 1, 3, 4] },
  "us-east-1": { prefix: "use1", numbers: [6, 1, 2, 4, 3, 5] },
  "eu-west-1": { prefix: "euw1", numbers: [3, 1, 2] },
};

/** The zones of a region; a region that is not in the table has three. */
export function zonesOf(region: string): Zone[] {
  const { prefix, numbers } = zoneNumbers[region] ?? { prefix: shortName(region), numbers: [1, 2, 3] };
  return numbers.map((number, index) => ({
    name: `${region}${String.fromCharCode("a".charCodeAt(0) + index)}`,
    id: `${prefix}-az${number}`,
  }));
}

/** `ap-southeast-2` is `aps2` in zone ids. */
function shortName(region: string): string {
  const [area = "", direction = "", number = ""] = region.split("-");
  return `${area}${direction.charAt(0)}${number}`;
}

/** @throws AwsError `InvalidParameterValue` for a zone of no or another region. */
export function zoneNamed(engine: Engine, name: string): Zone {
  const zone = zonesOf(engine.context.region).find((candidate) => candidate.name === name);
  if (!zone)
    throw invalidValue(
      `Value (${name}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zonesOf(
        engine.context.region,
      )
        .map((each) => each.name)
        .join(", ")}.`,
    );
  return zone;
}

const filters: FilterAttributes<ec2.AvailabilityZone> = {
  "zone-name": (zone) => zone.ZoneName,
  "zone-id": (zone) => zone.ZoneId,
  "zone-type": (zone) => zone.ZoneType,
  "region-name": (zone) => zone.RegionName,
  state: (zone) => zone.State,
  "opt-in-status": (zone) => zone.OptInStatus,
  "group-name": (zone) => zone.GroupName,
};

export function zoneHandlers(engine: Engine): Handlers<typeof ec2> {
  const { region } = engine.context;
  return {
    DescribeAvailabilityZones(input) {
      const zones = zonesOf(region);
      const unknownName = input.ZoneNames?.find((name) => !zones.some((zone) => zone.name === name));
      if (unknownName !== undefined) throw invalidValue(`Invalid availability zone: [${unknownName}]`);
      const unknownId = input.ZoneIds?.find((id) => !zones.some((zone) => zone.id === id));
      if (unknownId !== undefined) throw invalidValue(`Invalid availability zone-id: [${unknownId}]`);
      const named = zones.filter(
        (zone) =>
          (!input.ZoneNames?.length || input.ZoneNames.includes(zone.name)) &&
          (!input.ZoneIds?.length || input.ZoneIds.includes(zone.id)),
      );
      const views = named.map((zone) => zoneView(engine, zone));
      return { AvailabilityZones: selectFrom(views, { Filters: input.Filters }, filters).items };
    },

    DescribeRegions() {
      return {
        Regions: [{ RegionName: region, Endpoint: `ec2.${region}.amazonaws.com`, OptInStatus: "opt-in-not-required" }],
      };
    },
  };
}

function zoneView(engine: Engine, zone: Zone): ec2.AvailabilityZone {
  const { region } = engine.context;
  return {
    ZoneName: zone.name,
    ZoneId: zone.id,
    ZoneType: "availability-zone",
    RegionName: region,
    GroupName: `${region}-zg-1`,
    NetworkBorderGroup: region,
    State: engine.impairments.zones.get(zone.name) ?? "available",
    OptInStatus: "opt-in-not-required",
    Messages: [],
  };
}
