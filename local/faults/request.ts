import * as z from "zod";
import { apiFault } from "./kinds/api.ts";
import { capacityFault } from "./kinds/capacity.ts";
import { eventsFault } from "./kinds/events.ts";
import { hostFault } from "./kinds/host.ts";
import { lambdaFault } from "./kinds/lambda.ts";
import { volumeFault } from "./kinds/volume.ts";
import { zoneFault } from "./kinds/zone.ts";

/** What `POST /_faults` takes: see FAULTS.md. */
export const FaultRequestSchema = z.discriminatedUnion("kind", [
  apiFault,
  capacityFault,
  eventsFault,
  hostFault,
  lambdaFault,
  volumeFault,
  zoneFault,
]);
export type FaultRequest = z.infer<typeof FaultRequestSchema>;
