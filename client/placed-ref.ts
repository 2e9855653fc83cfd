import { LOCAL } from "../functions/domain/fleet/fleet-records.ts";

/** A cluster, by the Holdfast that it is at. */
export interface PlacedRef {
  readonly endpoint: string;
  readonly name: string;
}

/** Of another Holdfast with its endpoint, as `--clusters` takes it. */
export function placedText({ endpoint, name }: PlacedRef): string {
  return endpoint === LOCAL ? name : `${endpoint}/${name}`;
}

/** By cluster, then by endpoint. */
export function byPlace(one: PlacedRef, other: PlacedRef): number {
  if (one.name === other.name) return one.endpoint < other.endpoint ? -1 : 1;
  return one.name < other.name ? -1 : 1;
}
