import * as z from "zod";
import type { Ec2Controls } from "../../ec2/create-ec2.ts";
import { duration, type Started } from "../fault.ts";

/** A zone without room for an instance type, or for any. */
export const capacityFault = z.strictObject({
  kind: z.literal("capacity"),
  action: z.literal("exhaust").default("exhaust"),
  zone: z.string(),
  instanceType: z.string().optional(),
  ...duration,
});
export type CapacityFault = z.infer<typeof capacityFault>;

export async function startCapacityFault(
  { zone, instanceType }: CapacityFault,
  { ec2 }: { readonly ec2: Pick<Ec2Controls, "setCapacity"> },
): Started {
  const target = { zone, ...(instanceType !== undefined && { instanceType }) };
  ec2.setCapacity(target, false);
  return () => ec2.setCapacity(target, true);
}
