import { RolloutViewSchema } from "../../../../functions/domain/api/rollout-views.ts";
import { expectStatus, MAIN, type PermissionsFlow } from "./flow.ts";

/** A fleet of one cluster, and a roll-out that changes it. */
export const FLEETS: readonly PermissionsFlow[] = [
  {
    name: "a fleet is made, rolled out and deleted",
    async run(account) {
      await expectStatus(account.ask("POST", "/fleets", { name: "all", clusters: [MAIN] }), 201);
      await expectStatus(account.ask("GET", "/fleets"), 200);
      const { body } = await account.ask("POST", "/fleets/all/rollouts", { change: { labels: { env: "prod" } } });
      const { id } = RolloutViewSchema.parse(body);
      await account.until("the roll-out", async () => {
        const { body: now } = await account.ask("GET", `/rollouts/${id}`);
        return RolloutViewSchema.parse(now).state === "done";
      });
      await expectStatus(account.ask("GET", "/fleets/all/rollouts"), 200);
      await expectStatus(account.ask("DELETE", "/fleets/all"), 200);
    },
  },
];
