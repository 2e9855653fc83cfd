import { randomUUID } from "node:crypto";
import type { CloudContext } from "../../context/context.ts";
import type { HostDriver } from "../../hosts/driver.ts";
import type { AccountQuotas } from "../../service-quotas/account-quotas.ts";
import type { InstanceStateChange } from "../contract.ts";
import type { Firewalls } from "../network/firewalls.ts";
import type { Ec2Timings } from "../timings.ts";
import type { Background } from "./background.ts";
import type { Lanes } from "./lanes.ts";
import type { Store } from "./store.ts";
import type { Tokens } from "./tokens.ts";

/** The role behind an instance profile, as IAM has it. */
export interface InstanceRole {
  readonly roleName: string;
  readonly roleArn: string;
  readonly profileName: string;
  /** With the path that the profile was made under: the name alone does not contain it. */
  readonly profileArn: string;
}

/** What makes a launch or a status check go wrong; see `Ec2Controls`. */
export interface Impairments {
  /** `zone` or `zone/type` for which there is no capacity. */
  readonly exhausted: Set<string>;
  readonly zones: Map<string, "impaired" | "unavailable">;
  /** Volumes that stay `attaching`, or `detaching` unless by force. */
  readonly stuck: { readonly attaching: Set<string>; readonly detaching: Set<string> };
}

/** What all operations of EC2 work with. */
export interface Engine {
  readonly context: CloudContext;
  readonly hosts: HostDriver;
  readonly instanceRoles: (instanceProfileArnOrName: string) => InstanceRole | undefined;
  readonly quotas: AccountQuotas;
  readonly timings: Ec2Timings;
  readonly store: Store;
  readonly tokens: Tokens;
  readonly background: Background;
  /** One lane an instance: its host's driver calls never overlap. */
  readonly lanes: Lanes;
  readonly impairments: Impairments;
  readonly firewalls: Firewalls;
  /** Of the account's own; undefined means AWS's. */
  readonly ebsDefaultKey: { arn: string | undefined };
  /** The next offset to try for an automatic address, by subnet. Not part of the state: it only avoids quick reuse. */
  readonly addressCursors: Map<string, number>;
  /** Instances whose hosts are down for a moment only. */
  readonly rebooting: Set<string>;
  readonly stateListeners: Set<(change: InstanceStateChange) => void>;
}

export function arnOf(engine: Engine, resource: string): string {
  return `arn:aws:ec2:${engine.context.region}:${engine.context.accountId}:${resource}`;
}

/**
 * EventBridge's `EBS Volume Notification` (docs/references/aws.md#ebs-events). Successful attaches and detaches emit
 * none.
 */
export function publishVolumeEvent(
  engine: Engine,
  event: "createVolume" | "deleteVolume" | "attachVolume",
  result: "available" | "deleted" | "failed",
  ids: { volumeId: string; instanceId?: string; cause?: string },
): void {
  const resources = [arnOf(engine, `volume/${ids.volumeId}`)];
  if (ids.instanceId !== undefined) resources.push(arnOf(engine, `instance/${ids.instanceId}`));
  engine.context.publish({
    source: "aws.ec2",
    detailType: "EBS Volume Notification",
    resources,
    detail: { event, result, cause: ids.cause ?? "", "request-id": randomUUID() },
  });
}

/** Keeps what is gone describable for its hour, then drops it. */
export function forgetLater(
  engine: Engine,
  gone: { readonly id: string; readonly goneAt?: number | undefined },
  collection: { remove(id: string): void },
): void {
  engine.background.run(`forget ${gone.id}`, async () => {
    const { clock } = engine.context;
    await engine.background.sleep(Math.max(0, (gone.goneAt ?? clock.now()) + engine.timings.goneVisible - clock.now()));
    collection.remove(gone.id);
    engine.tokens.forget(gone.id);
  });
}
