import {
  GetExecutionHistoryCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { ClusterView, OperationView } from "../../functions/domain/api/views.ts";
import { OperationViewSchema } from "../../functions/domain/api/views.ts";
import { getCluster, updateCluster } from "../../functions/store/clusters.ts";
import type { Table } from "../../functions/store/keys.ts";
import { takeCluster } from "../../functions/store/operations.ts";
import { eventually, type Scenario } from "./scenario.ts";

const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };

/** Begins a migration to masters in these zones, as its acceptance does; its operation. */
export async function beginMigration(
  scenario: Scenario,
  table: Table,
  name: string,
  to: readonly string[],
  operation = `migrate-${Date.now()}`,
): Promise<string> {
  const now = new Date();
  const { plan, migration } = await getCluster(table, name);
  const from = plan.members.map(({ zone }) => zone);
  await takeCluster(table, { cluster: name, operation, kind: "migrate", status: "UPDATING", reason: null }, now);
  const fresh = { from, to: [...to], done: [], current: null, noRoll: false };
  await updateCluster(table, name, operation, { migration: migration ?? fresh }, now);
  const sfn = flowsOf(scenario);
  const stateMachineArn = await flowArn(sfn);
  const input = JSON.stringify({ cluster: name, operation });
  await sfn.send(new StartExecutionCommand({ stateMachineArn, name: operation, input }));
  return operation;
}

function flowsOf({ cloud }: Scenario): SFNClient {
  return new SFNClient({ endpoint: cloud.endpoints.aws, region: cloud.endpoints.region, credentials });
}

async function flowArn(sfn: SFNClient): Promise<string | undefined> {
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  return stateMachines.find((each) => each.name?.includes("MigrateCluster"))?.stateMachineArn;
}

/** The states of a migration's flow from the first `first` to the last one, each with its seconds. */
export async function secondsOfStates(scenario: Scenario, operation: string, first: string): Promise<string[]> {
  const sfn = flowsOf(scenario);
  const executionArn = `${(await flowArn(sfn))?.replace(":stateMachine:", ":execution:")}:${operation}`;
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  const entered = events.flatMap(({ stateEnteredEventDetails: state, timestamp }) =>
    state?.name === undefined ? [] : [{ name: state.name, at: timestamp?.getTime() ?? 0 }],
  );
  const names = entered.map(({ name }) => name);
  const part = entered.slice(names.indexOf(first), names.lastIndexOf(first) + 2);
  return part
    .slice(0, -1)
    .map(({ name, at }, index) => `${name} ${(((part[index + 1]?.at ?? at) - at) / 1_000).toFixed(1)}`);
}

/** The operation and its cluster, once it has ended. */
export async function migrated(
  scenario: Scenario,
  name: string,
  operation: string,
  withinMs = 300_000,
): Promise<{ operation: OperationView; cluster: ClusterView }> {
  const read = () => scenario.api.get(`/operations/${operation}`, OperationViewSchema);
  const ended = await eventually(read, ({ status }) => status !== "RUNNING", withinMs);
  return { operation: ended, cluster: await scenario.cluster(name) };
}
