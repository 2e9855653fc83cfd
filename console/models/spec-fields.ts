import type { SpecField } from "./change.ts";

/** The fields of the spec as the API's OpenAPI document describes them; scripts/build-console.ts puts them here. */
declare const SPEC_FIELDS: readonly SpecField[];

export const specFields: readonly SpecField[] = SPEC_FIELDS;

/** What most people set; the others are one click away. */
export const MAIN_FIELDS: readonly string[] = [
  "name",
  "zones",
  "masterZones",
  "nodeCount",
  "nodeSize",
  "masterSize",
  "topology",
  "networking",
  "kubernetesVersion",
];

/** A cluster keeps its name, and its masters their zones. */
const KEPT = new Set(["name", "zones", "masterZones"]);

/** Fields that a roll-out may change; the API says what of it is refused. */
export const patchFields: readonly SpecField[] = specFields
  .filter(({ name }) => !KEPT.has(name))
  .toSorted((one, other) => (one.name < other.name ? -1 : 1));
