import type * as route53 from "@aws-sdk/client-route-53";
import type { CloudContext } from "../context/context.ts";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { RecordSet, Route53State, Zone } from "./model.ts";
import { applyChanges, inOrder, normalName, viewRecord } from "./records.ts";
import { createZone, deleteZone, getZone, newId, viewDelegation, viewZone } from "./zones.ts";

export interface Route53 {
  readonly handlers: Handlers<typeof route53>;
  /** Another name for which this one stands, without the dot at the end. */
  aliasOf(name: string): string | undefined;
  snapshot(): Route53State;
}

/**
 * Amazon Route 53: hosted zones and their records. Records are kept, not served. `syncAfter` is how long a change stays
 * PENDING, in ms; AWS takes up to 60 s (docs/references/aws.md#route53).
 */
export function createRoute53(
  context: CloudContext,
  options: { syncAfter?: number } = {},
  restored?: Route53State,
): Route53 {
  const state = restored ?? { zones: {}, changes: {} };
  const changes = new Changes(context, state, options.syncAfter ?? 500);
  return {
    handlers: { ...zoneHandlers(state, changes), ...recordHandlers(state, changes), ...tagHandlers(state) },
    aliasOf: (name) => {
      const records = Object.values(state.zones).flatMap((zone) => Object.values(zone.records));
      return records.find((record) => record.name === normalName(name))?.alias?.dnsName.replace(/\.$/, "");
    },
    snapshot: () => state,
  };
}

/** Changes become visible to name servers after a while; only GetChange shows it. */
class Changes {
  readonly #context: CloudContext;
  readonly #state: Route53State;
  readonly #syncAfter: number;

  constructor(context: CloudContext, state: Route53State, syncAfter: number) {
    this.#context = context;
    this.#state = state;
    this.#syncAfter = syncAfter;
  }

  submit(comment = ""): route53.ChangeInfo {
    const id = newId("C");
    this.#state.changes[id] = { submittedAt: this.#context.clock.now(), comment };
    return this.get(id);
  }

  get(id: string): route53.ChangeInfo {
    const bare = id.replace(/^\/?change\//, "");
    const change = this.#state.changes[bare];
    if (!change) throw new AwsError("NoSuchChange", `Could not find resource with ID: ${bare}`, { status: 404 });
    const synced = this.#context.clock.now() >= change.submittedAt + this.#syncAfter;
    return {
      Id: `/change/${bare}`,
      Status: synced ? "INSYNC" : "PENDING",
      SubmittedAt: new Date(change.submittedAt),
      Comment: change.comment || undefined,
    };
  }
}

function zoneHandlers(state: Route53State, changes: Changes): Handlers<typeof route53> {
  return {
    CreateHostedZone: (input) => {
      const zone = createZone(state, input);
      return {
        HostedZone: viewZone(zone),
        ChangeInfo: changes.submit(),
        DelegationSet: viewDelegation(zone),
        VPC: input.VPC,
        Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`,
      };
    },
    GetHostedZoneCount: () => ({ HostedZoneCount: Object.keys(state.zones).length }),
    GetHostedZone: (input) => {
      const zone = getZone(state, input.Id);
      return {
        HostedZone: viewZone(zone),
        DelegationSet: viewDelegation(zone),
        VPCs: zone.vpcs.length > 0 ? [...zone.vpcs] : undefined,
      };
    },
    ListHostedZones: (input) => {
      const limit = input.MaxItems ?? 100;
      const page = paginate(sorted(state), { limit, token: input.Marker, tokenError: "InvalidInput" });
      return {
        HostedZones: page.items.map(viewZone),
        Marker: input.Marker ?? "",
        IsTruncated: page.nextToken !== undefined,
        NextMarker: page.nextToken,
        MaxItems: limit,
      };
    },
    ListHostedZonesByName: (input) => {
      const limit = input.MaxItems ?? 100;
      const from = input.DNSName === undefined ? undefined : normalName(input.DNSName);
      const wanted = sorted(state).filter((zone) => from === undefined || compareNames(zone.name, from) >= 0);
      const next = wanted[limit];
      return {
        HostedZones: wanted.slice(0, limit).map(viewZone),
        DNSName: input.DNSName,
        IsTruncated: next !== undefined,
        NextDNSName: next?.name,
        NextHostedZoneId: next?.id,
        MaxItems: limit,
      };
    },
    DeleteHostedZone: (input) => {
      deleteZone(state, getZone(state, input.Id));
      return { ChangeInfo: changes.submit() };
    },
  };
}

function recordHandlers(state: Route53State, changes: Changes): Handlers<typeof route53> {
  return {
    ChangeResourceRecordSets: (input) => {
      const zone = getZone(state, input.HostedZoneId);
      const batch = required(input.ChangeBatch, "ChangeBatch", "InvalidInput");
      zone.records = applyChanges(zone, batch.Changes ?? []);
      return { ChangeInfo: changes.submit(batch.Comment) };
    },
    ListResourceRecordSets: (input) => {
      const zone = getZone(state, input.HostedZoneId);
      const limit = Math.min(input.MaxItems ?? 300, 300);
      const name = input.StartRecordName === undefined ? undefined : normalName(input.StartRecordName);
      const type = input.StartRecordType;
      const isAfterStart = (record: RecordSet) => {
        if (name === undefined) return true;
        return type === undefined ? compareNames(record.name, name) >= 0 : inOrder(record, { name, type }) >= 0;
      };
      const wanted = zone.records.filter(isAfterStart);
      const next = wanted[limit];
      return {
        ResourceRecordSets: wanted.slice(0, limit).map(viewRecord),
        IsTruncated: next !== undefined,
        NextRecordName: next?.name,
        NextRecordType: next?.type,
        MaxItems: limit,
      };
    },
    GetChange: (input) => ({ ChangeInfo: changes.get(required(input.Id, "Id", "InvalidInput")) }),
  };
}

function tagHandlers(state: Route53State): Handlers<typeof route53> {
  return {
    ChangeTagsForResource: (input) => {
      const { tags } = taggable(state, input);
      for (const { Key = "", Value = "" } of input.AddTags ?? []) tags[Key] = Value;
      for (const key of input.RemoveTagKeys ?? []) delete tags[key];
      return {};
    },
    ListTagsForResource: (input) => ({
      ResourceTagSet: {
        ResourceType: input.ResourceType,
        ResourceId: input.ResourceId,
        Tags: Object.entries(taggable(state, input).tags).map(([Key, Value]) => ({ Key, Value })),
      },
    }),
  };
}

function taggable(
  state: Route53State,
  input: { ResourceType: string | undefined; ResourceId: string | undefined },
): Zone {
  if (input.ResourceType === "hostedzone") return getZone(state, input.ResourceId);
  throw new AwsError("InvalidInput", `Tags of ${input.ResourceType} are not supported by this local cloud.`);
}

function sorted(state: Route53State): Zone[] {
  return Object.values(state.zones).toSorted((a, b) => compareNames(a.name, b.name) || a.id.localeCompare(b.id));
}

function compareNames(a: string, b: string): number {
  return inOrder({ name: a, type: "A" }, { name: b, type: "A" });
}
