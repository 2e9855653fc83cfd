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
