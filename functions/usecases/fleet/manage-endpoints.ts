import { RolloutConflict } from "../../domain/cluster/errors.ts";
import type { EndpointRecord } from "../../domain/fleet/endpoint-records.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { EndpointStore } from "../../store/endpoints.ts";
import type { FleetStore } from "../../store/fleet-store.ts";

export interface EndpointDeps {
  readonly endpoints: EndpointStore;
  readonly fleets: Pick<FleetStore, "readOpenRollouts">;
  readonly clock: Clock;
  /** Asks these endpoints for their clusters, now. */
  readonly refresh: (names: readonly string[]) => Promise<void>;
}

export type JoinRequest = Pick<EndpointRecord, "name" | "api" | "region" | "roleArn">;

/** Records it, and asks it at once. The same again changes nothing; other settings replace the former ones. */
export async function joinHub(deps: EndpointDeps, request: JoinRequest): Promise<EndpointRecord> {
  const known = (await deps.endpoints.listEndpoints()).find(({ name }) => name === request.name);
  const isSame = known?.api === request.api && known.roleArn === request.roleArn && known.region === request.region;
  if (!isSame) {
    const blank = { version: null, lastSeenAt: null, unreachableSince: null, reason: null };
    await deps.endpoints.writeEndpoint({ ...request, ...blank, joinedAt: deps.clock.now().toISOString() });
  }
  await deps.refresh([request.name]);
  return deps.endpoints.getEndpoint(request.name);
}

/** Its clusters stay as they are. Throws EndpointUnknown, RolloutConflict while an open roll-out has a cluster of it. */
export async function leaveHub({ endpoints, fleets }: EndpointDeps, name: string): Promise<EndpointRecord> {
  const endpoint = await endpoints.getEndpoint(name);
  const { open } = await fleets.readOpenRollouts();
  const holder = Object.entries(open).find(([, { clusters }]) => clusters.some((ref) => ref.startsWith(`${name}/`)));
  if (holder) throw new RolloutConflict(`roll-out ${holder[0]} is open, and has clusters of ${name}; stop it first`);
  await endpoints.deleteEndpoint(name);
  for (const each of await endpoints.listMirror(name)) await endpoints.deleteMirror(each);
  return endpoint;
}
