import { counted } from "../../text/counted.ts";
import { FIELDS } from "../field-table.ts";
import { flagOf, type SpecFields } from "../fields.ts";
import { MasterZoneFallback, ZoneName } from "../value-schemas.ts";
import { duplicatesOf, type Findings, type Given, quote, readInteger, readList, readText, refuse } from "../values.ts";

const { max: MAX_MASTERS } = FIELDS.masterCount.bounds;

/** The zones of the nodes, in the order given. */
export function readNodeZones(fields: SpecFields, findings: Findings): string[] | undefined {
  if (!fields.zones) {
    const expected = "at least one zone is required, for example us-west-2a,us-west-2b,us-west-2c";
    return refuse(findings, { flag: flagOf(fields, "zones"), value: "" }, expected);
  }
  return withoutDuplicates(fields.zones, readZoneList(fields.zones, findings), findings);
}

/**
 * The zone of each master. As kops: a list of zones has one master each unless a count spreads more of them
 * round-robin; without a list and count there is one master, in the first zone. In a document a list without
 * `masterCount` has one entry a master, so that a zone may stand there twice: that is how a `ClusterSpec` is stored.
 */
export function readMasterZones(
  fields: SpecFields,
  nodeZones: readonly string[] | undefined,
  findings: Findings,
): string[] | undefined {
  const { masterZones, masterCount } = fields;
  const count = readInteger(masterCount, FIELDS.masterCount.bounds, findings);
  const listed = readZoneList(masterZones, findings);
  const oneEntryEach = Array.isArray(masterZones?.value) && !masterCount;
  const zones = masterZones && !oneEntryEach ? withoutDuplicates(masterZones, listed, findings) : listed;
  const total = count ?? (masterCount ? undefined : (zones?.length ?? 1));
  if (total !== undefined) checkTotal(fields, total, zones, nodeZones, findings);
  if (masterZones && !zones) return undefined;
  const spread = zones ?? nodeZones;
  if (!spread || total === undefined) return undefined;
  return Array.from({ length: total }, (_, index) => spread[index % spread.length] ?? "");
}

/** `us-west-2` of `us-west-2a`. */
export function regionOf(zone: string): string {
  return zone.slice(0, -1);
}

/** All zones must be of the region of the first one; a document may also name the region. */
export function readRegion(
  fields: SpecFields,
  documentRegion: unknown,
  nodeZones: readonly string[] | undefined,
  masterZones: readonly string[] | undefined,
  findings: Findings,
): string | undefined {
  const [first] = [...(nodeZones ?? []), ...(masterZones ?? [])];
  if (first === undefined) return undefined;
  const region = regionOf(first);
  const check = (given: Given | undefined, zones: readonly string[] | undefined) => {
    for (const zone of new Set(zones)) {
      if (!given || regionOf(zone) === region) continue;
      const where = `${quote(zone)} is in ${regionOf(zone)}, but ${first} is in ${region}`;
      refuse(findings, given, `${where}; all zones of a cluster are in one region`, zone);
    }
  };
  check(fields.zones, nodeZones);
  check(fields.masterZones, masterZones);
  if (documentRegion !== undefined && documentRegion !== region) {
    refuse(findings, { flag: "region", value: documentRegion }, `${quote(documentRegion)} is not the zones' ${region}`);
  }
  return region;
}

/** What a master does when its zone launches no instance. Waiting is the default, which specs omit. */
export function readZoneFallback(fields: SpecFields, findings: Findings): "move" | undefined {
  const { masterZoneFallback: given, masterZoneFallbackMinutes: minutes } = fields;
  const text = readText(given, findings);
  const moves = text === "move";
  if (given && text !== undefined && !MasterZoneFallback.safeParse(text).success) {
    refuse(findings, given, `${quote(text)} is not known; expected wait or move`);
  } else if (minutes && !moves) {
    findings.warnings.push(`${minutes.flag} has no effect without ${flagOf(fields, "masterZoneFallback")} move`);
  }
  return moves ? "move" : undefined;
}

function readZoneList(given: Given | undefined, findings: Findings): string[] | undefined {
  const zones = readList(given, findings);
  if (!given || !zones) return undefined;
  if (zones.length === 0) return refuse(findings, given, "the list is empty; expected names such as us-west-2a");
  const malformed = [...new Set(zones)].filter((zone) => !ZoneName.safeParse(zone).success);
  for (const zone of malformed) {
    refuse(findings, given, `${quote(zone)} ${whatIs(zone)}; expected names such as us-west-2a`, zone);
  }
  return malformed.length > 0 ? undefined : zones;
}

/** What people write in the place of a zone (EC2 user guide, "Regions and Zones"). */
const LOOKALIKES: readonly (readonly [RegExp, string])[] = [
  [/^[a-z]{2}(-[a-z]+)+-\d$/, "is a region, not an availability zone"],
  [/^[a-z]{2}(-[a-z]+)+-\d-[a-z]+-\d[a-z]$/, "is a Local Zone, not an availability zone"],
  [/^[a-z]{2}(-[a-z]+)+-\d-wl\d-[a-z]+-wlz-?\d$/, "is a Wavelength Zone, not an availability zone"],
  [/^[a-z]+\d-(az|[a-z]+\d-az|wl\d-[a-z]+-wlz)\d$/, "is the id of a zone, not its name in this account"],
];

function whatIs(zone: string): string {
  return LOOKALIKES.find(([pattern]) => pattern.test(zone))?.[1] ?? "is not an availability zone";
}

function withoutDuplicates(given: Given, zones: string[] | undefined, findings: Findings): string[] | undefined {
  const duplicates = duplicatesOf(zones ?? []);
  for (const zone of duplicates) {
    refuse(findings, given, `${quote(zone)} is given twice; name each zone once (--master-count adds masters)`, zone);
  }
  return duplicates.length > 0 ? undefined : zones;
}

function checkTotal(
  fields: SpecFields,
  total: number,
  zones: readonly string[] | undefined,
  nodeZones: readonly string[] | undefined,
  findings: Findings,
): void {
  const given = fields.masterCount ?? fields.masterZones;
  if (!given) return;
  if (total > MAX_MASTERS) {
    refuse(findings, given, `${total} masters are more than the ${MAX_MASTERS} that etcd recommends at most`);
  }
  if (zones && fields.masterCount && total < zones.length) {
    const what = `${counted(total, "master")} cannot fill the ${zones.length} zones of ${flagOf(fields, "masterZones")}`;
    refuse(findings, given, `${what}; raise the count or name fewer zones`);
  }
  if (total % 2 === 0) refuse(findings, given, explainEven(total, zones ?? nodeZones));
}

function explainEven(total: number, zones: readonly string[] | undefined): string {
  const needed = Math.floor(total / 2) + 1;
  const why =
    `an even number of masters (${total}) is refused: etcd needs ${needed} of ${total}, so they ` +
    `survive no more losses than ${counted(total - 1, "master")}`;
  const counts = total + 1 > MAX_MASTERS ? `${total - 1}` : `${total - 1} or ${total + 1}`;
  const hint = zones?.length === 2 && total === 2 ? " (with two zones: a count of 3)" : "";
  return `${why}; expected an odd number such as ${counts}${hint}`;
}
