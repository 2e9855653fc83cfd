import * as z from "zod";

/** What is asked for is named by parse-spec.ts, as for a spec: all that is wrong at once. */
export const MigrateBody = z.strictObject({
  masterZones: z.array(z.string().min(1).max(64)).min(1).max(26).describe("A zone for each master, an odd number."),
  masterSize: z.string().min(1).max(40).optional().describe("Instance type of masters launched from now on."),
  noRoll: z.boolean().default(false).describe("Do not replace masters that stay. Nothing needs it (docs/migrate.md)."),
});
