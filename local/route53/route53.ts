import type * as route53 from "@aws-sdk/client-route-53";
import type { CloudContext } from "../context/context.ts";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { NameServer, type Names } from "./answers.ts";
import { keepProbing, type Probe } from "./checkers.ts";
import { getHealthCheck, healthCheckHandlers } from "./health-check-handlers.ts";
import type { RecordSet, Route53State, Zone } from "./model.ts";
import { NAME_UNKNOWN } from "./probe.ts";
import { applyChanges, inOrder, normalName, viewRecord } from "./records.ts";
import { createZone, deleteZone, getZone, NAME_SERVERS, newId, viewDelegation, viewZone } from "./zones.ts";

export interface Route53 {
  readonly handlers: Handlers<typeof route53>;
  /** What a resolver in this Region gets for a name: addresses, and the load balancer that they are of. */
  resolve(name: string): { readonly values: readonly string[]; readonly target?: string };
  snapshot(): Route53State;
  /** Ends health checks. */
  close(): void;
}

export interface Route53Options {
  /** How long a change stays PENDING, in ms; AWS takes up to 60 s (docs/references/aws.md#route53). */
  readonly syncAfter?: number | undefined;
  /** What a second of a health check's interval takes, in ms. */
  readonly checkSecond?: number | undefined;
  /** What names outside of the zones lead to. */
  readonly names?: Names;
  /** How health checkers reach an endpoint. */
  readonly probe?: Probe;
  /** From 0 to 1: decides between weights. */
  readonly chance?: () => number;
}

/** Resolvers that ask by TestDNSAnswer without an address are there (API_TestDNSAnswer, ResolverIP). */
const TEST_REGION = "us-east-1";
const NO_NAMES: Names = { addresses: () => undefined, isHealthy: () => false };

/** Amazon Route 53: hosted zones, their records, health checks that really ask, and the answers that follow. */
export function createRoute53(
  context: CloudContext,
  options: Route53Options = {},
  restored?: Partial<Route53State>,
): Route53 {
  const state = { zones: {}, changes: {}, healthChecks: {}, usedReferences: [], ...restored };
  const changes = new Changes(context, state, options.syncAfter ?? 500);
  const { names = NO_NAMES, probe = async () => NAME_UNKNOWN, chance = Math.random, checkSecond = 50 } = options;
  const server = new NameServer(state, names);
  const closing = new AbortController();
  void keepProbing(context, { state, probe, timings: { checkSecond } }, closing.signal);
  return {
    handlers: {
      ...zoneHandlers(state, changes),
      ...recordHandlers(state, changes),
      ...tagHandlers(state),
      ...healthCheckHandlers(state),
      TestDNSAnswer: (input) => testAnswer(state, server, chance, input),
    },
    resolve: (name) => server.resolve(name, "A", { region: context.region, chance }),
    snapshot: () => state,
    close: () => closing.abort(),
  };
}

function testAnswer(
  state: Route53State,
  server: NameServer,
  chance: () => number,
  input: route53.TestDNSAnswerRequest,
): route53.TestDNSAnswerResponse {
  const zone = getZone(state, input.HostedZoneId);
  if (zone.vpcs.length > 0) throw new AwsError("InvalidInput", "TestDNSAnswer is not supported for private zones.");
  const name = required(input.RecordName, "RecordName", "InvalidInput");
  const type = required(input.RecordType, "RecordType", "InvalidInput");
  const { code, values } = server.answer(zone, name, type, { region: TEST_REGION, chance });
  return {
    Nameserver: NAME_SERVERS[0],
    RecordName: name,
    RecordType: type,
    RecordData: [...values],
    ResponseCode: code,
    Protocol: "UDP",
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
      for (const { Action, ResourceRecordSet: record } of batch.Changes ?? []) {
        if (Action !== "DELETE" && record?.HealthCheckId !== undefined) getHealthCheck(state, record.HealthCheckId);
      }
      zone.records = applyChanges(zone, batch.Changes ?? []);
      return { ChangeInfo: changes.submit(batch.Comment) };
    },
    ListResourceRecordSets: (input) => {
      const zone = getZone(state, input.HostedZoneId);
      const limit = Math.min(input.MaxItems ?? 300, 300);
      const name = input.StartRecordName === undefined ? undefined : normalName(input.StartRecordName);
      const { StartRecordType: type, StartRecordIdentifier: identifier } = input;
      const routing = identifier === undefined ? {} : { routing: { identifier } };
      const isAfterStart = (record: RecordSet) => {
        if (name === undefined) return true;
        return type === undefined
          ? compareNames(record.name, name) >= 0
          : inOrder(record, { name, type, ...routing }) >= 0;
      };
      const wanted = zone.records.filter(isAfterStart);
      const next = wanted[limit];
      return {
        ResourceRecordSets: wanted.slice(0, limit).map(viewRecord),
        IsTruncated: next !== undefined,
        NextRecordName: next?.name,
        NextRecordType: next?.type,
        NextRecordIdentifier: next?.routing?.identifier,
        MaxItems: limit,
      };
    },
    GetChange: (input) => ({ ChangeInfo: changes.get(required(input.Id, "Id", "InvalidInput")) }),
  };
}

function tagHandlers(state: Route53State): Handlers<typeof route53> {
  const tagsOf = (type: route53.TagResourceType | undefined, id: string | undefined): route53.ResourceTagSet => ({
    ResourceType: type,
    ResourceId: id,
    Tags: Object.entries(taggable(state, type, id).tags).map(([Key, Value]) => ({ Key, Value })),
  });
  return {
    ChangeTagsForResource: (input) => {
      const { tags } = taggable(state, input.ResourceType, input.ResourceId);
      for (const { Key = "", Value = "" } of input.AddTags ?? []) tags[Key] = Value;
      for (const key of input.RemoveTagKeys ?? []) delete tags[key];
      return {};
    },
    ListTagsForResource: (input) => ({ ResourceTagSet: tagsOf(input.ResourceType, input.ResourceId) }),
    ListTagsForResources: (input) => ({
      ResourceTagSets: (input.ResourceIds ?? []).map((id) => tagsOf(input.ResourceType, id)),
    }),
  };
}

function taggable(
  state: Route53State,
  type: route53.TagResourceType | undefined,
  id: string | undefined,
): { tags: Record<string, string> } {
  return type === "healthcheck" ? getHealthCheck(state, id) : getZone(state, id);
}

function sorted(state: Route53State): Zone[] {
  return Object.values(state.zones).toSorted((a, b) => compareNames(a.name, b.name) || a.id.localeCompare(b.id));
}

function compareNames(a: string, b: string): number {
  return inOrder({ name: a, type: "A" }, { name: b, type: "A" });
}
