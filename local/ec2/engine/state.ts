import { z } from "zod";

/** What every resource has. `createdAt` is in epoch milliseconds, like every time in the state. */
export const resourceFields = {
  id: z.string(),
  createdAt: z.number(),
  tags: z.record(z.string(), z.string()),
};

const resourceSchema = z.object(resourceFields);
export type Resource = z.infer<typeof resourceSchema>;
