import * as z from "zod";
import { BackupViewSchema } from "../../../../functions/domain/api/views.ts";
import { expectStatus, MAIN, type PermissionsFlow } from "./flow.ts";

/** What runs beside a cluster, and takes nothing from it. */
export const BACKUPS: readonly PermissionsFlow[] = [
  {
    name: "a backup is taken, and a drill proves it",
    async run(account) {
      const newest = async () => {
        const { body } = await account.ask("GET", `/clusters/${MAIN}/backups`);
        return z.object({ items: z.array(BackupViewSchema) }).parse(body).items[0];
      };
      await expectStatus(account.ask("POST", `/clusters/${MAIN}/backup`), 202);
      await account.until("a backup", async () => (await newest()) !== undefined);
      await expectStatus(account.ask("POST", `/clusters/${MAIN}/drill`, {}), 202);
      await account.until("its drill", async () => (await newest())?.verified.drill?.ok === true);
    },
  },
];
