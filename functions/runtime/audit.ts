import type { AuditEntry } from "../domain/chat/audit.ts";
import { logger } from "./logger.ts";

/**
 * Adds to the audit: a line in the function's log, which no function can change or delete (docs/decisions/0006-audit.md). Of
 * the highest level, so that no setting of levels leaves it out.
 */
export function writeAudit(entry: AuditEntry): void {
  logger.critical("audit", { audit: entry });
}
