import type { FleetPolicy, ROLLOUT_ACTIONS } from "../../functions/domain/fleet/fleet-records.ts";
import type { RawFlag } from "../../functions/domain/spec/fields.ts";
import type { TRAFFIC_POLICIES } from "../../functions/domain/traffic/traffic-records.ts";
import type { OutputFormat } from "./output-formats.ts";

export interface ChangeFleet {
  readonly kind: "create-fleet" | "update-fleet";
  readonly fleet: string;
  readonly clusters: readonly string[] | null;
  readonly selector: string | null;
  /** What is absent is not asked for, or stays as it is. */
  readonly policy: FleetPolicy;
  /** Of the strategy. */
  readonly filename: string | null;
  readonly yes: boolean;
  readonly output: OutputFormat;
}

export interface GetFleets {
  readonly kind: "get-fleets";
  readonly fleet: string | null;
  readonly output: OutputFormat;
  readonly wide?: true;
}

export interface DeleteFleet {
  readonly kind: "delete-fleet";
  readonly fleet: string;
  readonly yes: boolean;
  readonly output: OutputFormat;
}

export interface ValidateFleet {
  readonly kind: "validate-fleet";
  readonly fleet: string;
  readonly output: OutputFormat;
}

export interface RolloutFleet {
  readonly kind: "rollout-fleet";
  readonly fleet: string;
  /** Flags of a spec, as typed. */
  readonly flags: readonly RawFlag[];
  /** `field=value`, as typed. */
  readonly sets: readonly string[];
  /** One stage for all; null: the fleet's strategy, or that of the file. */
  readonly stage: { readonly name: string } | null;
  readonly filename: string | null;
  readonly yes: boolean;
  readonly output: OutputFormat;
}

export interface ActRollout {
  readonly kind: "act-rollout";
  /** Name of the fleet, whose newest it is, or the roll-out's own id. */
  readonly rollout: string;
  readonly action: (typeof ROLLOUT_ACTIONS)[number];
  readonly skip: readonly string[];
  /** Of the action `check`. */
  readonly check?: { readonly name: string; readonly passed: boolean; readonly message?: string };
  readonly yes: boolean;
  readonly output: OutputFormat;
}

export interface GetRollouts {
  readonly kind: "get-rollouts";
  /** Null: of all fleets. */
  readonly rollout: string | null;
  readonly output: OutputFormat;
  readonly wide?: true;
}

/** The public name of a fleet: shown, given, or taken away. */
export interface FleetDns {
  readonly kind: "fleet-dns";
  readonly fleet: string;
  /** Null: the name as it is. */
  readonly wanted: {
    readonly host: string;
    readonly policy: (typeof TRAFFIC_POLICIES)[number];
    readonly check: string;
    readonly ttl?: number;
    readonly service?: string;
    readonly primary?: string;
  } | null;
  readonly remove: boolean;
  readonly yes: boolean;
  readonly output: OutputFormat;
}

/** This Holdfast joins a hub, which then knows its clusters. */
export interface JoinHub {
  readonly kind: "join-hub";
  /** Its name at the hub. */
  readonly endpoint: string;
  /** Address of the hub's API. */
  readonly hub: string;
  readonly role: string;
  /** Of this Holdfast; null: the one in its address. */
  readonly region: string | null;
  readonly yes: boolean;
  readonly output: OutputFormat;
}

export interface LeaveHub {
  readonly kind: "leave-hub";
  readonly endpoint: string;
  readonly yes: boolean;
  readonly output: OutputFormat;
}

export interface GetEndpoints {
  readonly kind: "get-endpoints";
  readonly endpoint: null;
  readonly output: OutputFormat;
  readonly wide?: true;
}

export type FleetCommand =
  | JoinHub
  | LeaveHub
  | GetEndpoints
  | ChangeFleet
  | GetFleets
  | DeleteFleet
  | ValidateFleet
  | RolloutFleet
  | ActRollout
  | GetRollouts
  | FleetDns;
