import { NotReadyYet } from "../domain/errors.ts";
import { askHosts } from "../gateways/run-command.ts";
import { recordObservation } from "../gateways/table/clusters.ts";
import type { Table } from "../gateways/table/keys.ts";

/**
 * A master makes a bootstrap token and puts it where nodes may read it; nobody else ever sees it. When that was goes on
 * record. Throws NotReadyYet while the master cannot.
 */
export const issueToken = async (
  table: Table,
  cluster: string,
  by: { readonly document: string; readonly master: string; readonly withinMs: number },
): Promise<void> => {
  const asked = new Date();
  const [answer] = await askHosts(by.document, [by.master], { withinMs: by.withinMs, firstLookMs: 300 });
  if (!answer?.ok) throw new NotReadyYet(`${by.master} could not issue a join token: ${answer?.status ?? "no answer"}`);
  await recordObservation(table, cluster, { joinTokenAt: asked.toISOString() }, new Date());
};
