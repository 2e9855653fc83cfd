import * as z from "zod";
import { ClusterViewSchema, OperationViewSchema } from "../../functions/domain/api/views.ts";
import { MigrationPlanSchema } from "../../functions/domain/migrate/planned-migration.ts";
import { ApiRefused } from "../api-errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { MigrateCluster } from "../grammar/command.ts";
import { migrationText } from "../render/migration-text.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { followOperation } from "./follow-operation.ts";
import { showRefusal } from "./spec-command.ts";

/** An operation, or the cluster as it is when there is nothing to do. */
const Answer = z.union([OperationViewSchema, ClusterViewSchema]);

/** Without `--yes` it shows the plan; with it the masters are brought to these zones. */
export async function migrateCluster(command: MigrateCluster, session: Session): Promise<ExitCode> {
  try {
    return await planOrMigrate(command, session);
  } catch (error) {
    if (!(error instanceof ApiRefused) || !error.document.problems) throw error;
    return showRefusal(error.document.problems, command, session);
  }
}

async function planOrMigrate(command: MigrateCluster, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  const path = `/clusters/${encodeURIComponent(command.name)}/migrate`;
  const forPeople = command.output === "table";
  if (!command.yes) {
    const plan = await api.post(`${path}/plan`, bodyOf(command), MigrationPlanSchema);
    terminal.out(forPeople ? migrationText(plan, terminal) : renderDocument(plan, command.output));
    if (plan.parts.length > 0) terminal.note("Nothing was changed. Add --yes to do it.");
    return EXIT.done;
  }
  const answer = await api.post(path, bodyOf(command), Answer);
  const operation = OperationViewSchema.safeParse(answer).data;
  if (operation === undefined) {
    terminal.out(forPeople ? `${command.name}: nothing to change\n` : renderDocument(answer, command.output));
    return EXIT.done;
  }
  return followOperation(operation, `migrates the masters of ${operation.cluster}`, command, session);
}

function bodyOf({ masterZones, masterSize, noRoll }: MigrateCluster) {
  return { masterZones, ...(masterSize === null ? {} : { masterSize }), noRoll };
}
