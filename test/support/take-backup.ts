import { type BackupView, BackupViewSchema } from "../../functions/domain/api/views.ts";
import { eventually, type Scenario } from "./scenario.ts";

/** By the command. The schedule may be taking one at the same moment: then it is asked for again. */
export async function takeBackupOf(scenario: Scenario, cluster: string): Promise<BackupView> {
  const { code, stdout, stderr } = await eventually(
    () => scenario.holdfast("backup", "cluster", cluster, "--wait", "-o", "json"),
    (answer) => !/runs already|begun at the same moment/.test(answer.stderr),
    60_000,
  );
  if (code !== 0) throw new Error(stderr);
  return BackupViewSchema.parse(JSON.parse(stdout));
}
