import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { BackupViewSchema, OperationViewSchema } from "../../../../functions/domain/api/views.ts";
import { keys } from "../../../../functions/store/keys.ts";
import type { Account } from "../account.ts";
import { expectStatus, MAIN, type PermissionsFlow } from "./flow.ts";

const DAY_MS = 86_400_000;

async function newest(account: Account) {
  const { body } = await account.ask("GET", `/clusters/${MAIN}/backups`);
  return z.object({ items: z.array(BackupViewSchema) }).parse(body).items[0];
}

/** A new cluster has no drill in its first week: time goes by without the waiting. */
async function age(account: Account): Promise<void> {
  await account.table.client.send(
    new UpdateCommand({
      TableName: account.table.name,
      Key: keys.cluster(MAIN),
      UpdateExpression: "SET #r.createdAt = :then",
      ExpressionAttributeNames: { "#r": "record" },
      ExpressionAttributeValues: { ":then": new Date(Date.now() - 8 * DAY_MS).toISOString() },
    }),
  );
}

/** What runs beside a cluster, and takes nothing from it. */
export const BACKUPS: readonly PermissionsFlow[] = [
  {
    name: "a backup is taken, and a drill proves it: when they are due, and when somebody asks",
    async run(account) {
      await account.invoke("reconcile", {});
      await account.until("the backup that is due", async () => (await newest(account)) !== undefined);
      const first = (await newest(account))?.id;
      await account.until("a backup that was asked for", async () => {
        const { status } = await account.ask("POST", `/clusters/${MAIN}/backup`);
        return status === 202;
      });
      await account.until("that backup", async () => (await newest(account))?.id !== first);
      await age(account);
      await account.invoke("reconcile", {});
      const drilled = async () => (await newest(account))?.verified.drill?.ok === true;
      await account.until("the drill that is due", drilled);
      await account.until("a drill that was asked for", async () => {
        const { status } = await account.ask("POST", `/clusters/${MAIN}/drill`, {});
        return status === 202;
      });
    },
  },
  {
    name: "a backup fails",
    async run(account) {
      const refuse = { code: "AccessDeniedException", match: "holdfast-backup-etcd", count: 1 };
      await account.fault({ kind: "api", action: "error", service: "ssm", operation: "SendCommand", ...refuse });
      const { body } = await account.ask("POST", `/clusters/${MAIN}/backup`);
      const { id } = OperationViewSchema.parse(body);
      await account.until("the backup to fail", async () => {
        const answer = await account.ask("GET", `/operations/${id}`);
        return OperationViewSchema.parse(answer.body).status === "FAILED";
      });
      await expectStatus(account.ask("GET", `/clusters/${MAIN}`), 200);
    },
  },
];
