import { ListStateMachinesCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
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
  const { aws, region } = scenario.cloud.endpoints;
  const sfn = new SFNClient({ endpoint: aws, region, credentials });
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const stateMachineArn = stateMachines.find((each) => each.name?.includes("MigrateCluster"))?.stateMachineArn;
  const input = JSON.stringify({ cluster: name, operation });
  await sfn.send(new StartExecutionCommand({ stateMachineArn, name: operation, input }));
  return operation;
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
