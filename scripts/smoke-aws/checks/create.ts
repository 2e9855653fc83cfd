import { ApiRefused } from "../../../client/api-errors.ts";
import { type ClusterView, ClusterViewSchema, OperationViewSchema } from "../../../functions/domain/api/views.ts";
import { type CaseName, clusterName, specOf } from "../cases.ts";
import { apiOf, failed, type Outcome, passed, type RunApi, type Tools, waitFor } from "../tools.ts";

const LIMIT_MINUTES = 60;

/** Asks for the cluster, unless that was done before, and follows it until it is ACTIVE or FAILED. */
export async function createCase(of: CaseName, tools: Tools): Promise<Outcome> {
  const { state, save, signal } = tools;
  const api = apiOf(tools);
  const name = clusterName(state.run, of);
  if (!state.begun.includes(of)) await save({ begun: [...state.begun, of] });
  if ((await findCluster(tools, of)) === undefined)
    await api.post("/clusters", { spec: specOf(of, state) }, OperationViewSchema);
  const cluster = await waitFor(
    async () => {
      const found = await findCluster(tools, of);
      return found?.status === "ACTIVE" || found?.status === "FAILED" ? found : undefined;
    },
    { what: `${name} is created`, minutes: LIMIT_MINUTES, signal },
  );
  const [operation] = await api.list(`/clusters/${name}/operations`, OperationViewSchema);
  const steps = (operation?.steps ?? []).map(({ name: step, member, startedAt, finishedAt }) => ({
    step: member === null ? step : `${step} ${member}`,
    seconds: finishedAt === null ? null : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000,
  }));
  const evidence = { steps, versions: cluster.versions, status: cluster.status, error: operation?.error ?? null };
  return cluster.status === "ACTIVE"
    ? passed(`${name} is ACTIVE`, evidence)
    : failed(operation?.error?.message ?? cluster.reason ?? `${name} failed`, evidence);
}

/** The cluster of a case; undefined if the API has none of that name. */
export async function findCluster(tools: RunApi, of: CaseName): Promise<ClusterView | undefined> {
  try {
    return await apiOf(tools).get(`/clusters/${clusterName(tools.state.run, of)}`, ClusterViewSchema);
  } catch (error) {
    if (error instanceof ApiRefused && error.status === 404) return undefined;
    throw error;
  }
}

/** Throws an Error if the cluster is not there any more. */
export async function getCluster(tools: Pick<Tools, "state">, of: CaseName): Promise<ClusterView> {
  const cluster = await findCluster(tools, of);
  if (!cluster) throw new Error(`there is no ${clusterName(tools.state.run, of)}`);
  return cluster;
}
