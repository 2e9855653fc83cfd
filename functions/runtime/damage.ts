import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { RecordDamaged } from "../domain/cluster/errors.ts";
import { logger } from "./logger.ts";

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "table" });

/** Logs and counts an item that was left out (docs/runbooks/reconcile-failures.md). */
export function reportDamage({ message }: RecordDamaged): void {
  logger.error("an item of the table was left out", { problem: message });
  metrics.addMetric("DamagedItems", MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}
