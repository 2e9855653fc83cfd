import { setTimeout as delay } from "node:timers/promises";
import { type ClusterView, ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { evaluateCluster } from "../../functions/domain/cluster/cluster-validation.ts";
import { clusterText } from "../cluster-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { ValidateCluster } from "../grammar/command.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";

const PAUSE_MS = 1000;

/** Asks etcd and the nodes now, not the records; with `--wait` again and again until all is healthy. */
export async function validateCluster(command: ValidateCluster, session: Session): Promise<ExitCode> {
  const { terminal } = session;
  const cluster = await observe(command, session);
  const { ok, reasons } = evaluateCluster(cluster);
  const result = ok ? `${cluster.name} is valid` : `${cluster.name} is not valid: ${reasons.join("; ")}`;
  if (command.output === "table") {
    terminal.out(`${clusterText(cluster, terminal)}\n${terminal.paint(ok ? "green" : "red", result)}\n`);
  } else {
    terminal.out(renderDocument(cluster, command.output));
    if (!ok) terminal.note(result);
  }
  return ok ? EXIT.done : EXIT.failed;
}

async function observe({ name, waitMs }: ValidateCluster, { api }: Session): Promise<ClusterView> {
  const deadline = Date.now() + (waitMs ?? 0);
  while (true) {
    const cluster = await api.get(`/clusters/${encodeURIComponent(name)}?fresh=true`, ClusterViewSchema);
    if (evaluateCluster(cluster).ok || Date.now() + PAUSE_MS > deadline) return cluster;
    await delay(PAUSE_MS);
  }
}
