import { OperationViewSchema } from "../../../functions/domain/api/views.ts";
import { type CaseName, clusterName } from "../cases.ts";
import { leftovers } from "../leftovers.ts";
import { apiOf, failed, type Outcome, passed, type RunApi, type Tools, waitFor } from "../tools.ts";
import { findCluster } from "./create.ts";

const LIMIT_MINUTES = 45;

/** Asks for the deletion until it is done; then nothing may carry the run's tag, since other clusters are not begun yet. */
export async function deleteCase(of: CaseName, tools: Tools): Promise<Outcome> {
  const name = clusterName(tools.state.run, of);
  const { asked, last } = await deleteCluster(of, tools);
  const left = await leftovers(tools.aws, tools.state.run);
  const evidence = { asked, last, left };
  if (last !== "gone") return failed(`${name} is not deleted: ${last}`, evidence);
  return left.length === 0
    ? passed(`${name} is gone`, evidence)
    : failed(`${left.length} resources with the run's tag are left`, evidence);
}

/** Resolves with "gone", or with why it is not, and how often the deletion was asked for. */
export async function deleteCluster(of: CaseName, tools: RunApi): Promise<{ asked: number; last: string }> {
  const name = clusterName(tools.state.run, of);
  const api = apiOf(tools);
  let asked = 0;
  // Not ended by a stop of the run: this is what a stop is for.
  const last = await waitFor(
    async () => {
      const cluster = await findCluster(tools, of);
      if (cluster === undefined || cluster.status === "DELETED") return "gone";
      if (cluster.status === "DELETING") return undefined;
      // It failed: three times are enough, the rest is removed by tag.
      if (asked === 3) return cluster.reason ?? cluster.status;
      const operation = await api
        .delete(`/clusters/${name}?finalSnapshot=false`, OperationViewSchema)
        .catch(() => null);
      if (operation !== null) asked += 1;
      return undefined;
    },
    { what: `${name} is deleted`, minutes: LIMIT_MINUTES },
  );
  return { asked, last };
}
