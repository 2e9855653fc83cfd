import type { EventBridgeService } from "../eventbridge/event-bridge.ts";
import type { LambdaService } from "../lambda/lambda.ts";
import { AwsError } from "../wire/contract.ts";
import type { FaultView } from "./active-fault.ts";
import type { CallFaults } from "./calls.ts";
import type { MachineServices } from "./ec2-access.ts";
import type { FaultControl, Started } from "./fault.ts";
import { startApiFault } from "./kinds/api.ts";
import { startCapacityFault } from "./kinds/capacity.ts";
import { EventFaults } from "./kinds/events.ts";
import { ENDS, startHostFault } from "./kinds/host.ts";
import { LambdaFaults } from "./kinds/lambda.ts";
import { startVolumeFault } from "./kinds/volume.ts";
import { startZoneFault } from "./kinds/zone.ts";
import { FaultRegistry } from "./registry.ts";
import { type FaultRequest, FaultRequestSchema } from "./request.ts";

export interface FaultServices extends MachineServices {
  /** Stands around all calls of AWS operations. */
  readonly calls: CallFaults;
  readonly events: Pick<EventBridgeService, "setFaults">;
  readonly lambda: Pick<LambdaService, "setFaults" | "invocationOf">;
}

/** What goes wrong in a local cloud because someone wants to see it: nothing, until `begin`. */
export interface Faults {
  /** Takes what `POST /_faults` was sent. @throws ZodError for what is no fault; AwsError for one that is not possible. */
  begin(request: unknown): Promise<FaultView>;
  list(): FaultView[];
  /** Ends one fault, or all; resolves with the ids of those that were in force. @throws AwsError for an id never given */
  end(id?: string): Promise<string[]>;
  close(): void;
}

export function createFaults(services: FaultServices): Faults {
  const registry = new FaultRegistry(services.context);
  const events = new EventFaults(services.events);
  const lambda = new LambdaFaults(services.lambda, services.calls);
  const start = (request: FaultRequest, control: FaultControl): Started => {
    switch (request.kind) {
      case "api":
        return startApiFault(request, control, { calls: services.calls, clock: services.context.clock });
      case "capacity":
        return startCapacityFault(request, services);
      case "events":
        return events.start(request, control);
      case "host":
        return startHostFault(request, control, services);
      case "lambda":
        return lambda.start(request, control);
      case "volume":
        return startVolumeFault(request, control, services);
      case "zone":
        return startZoneFault(request, control, services);
    }
  };
  return {
    async begin(body) {
      const request = FaultRequestSchema.parse(body);
      await endOpposite(registry, request);
      return await registry.begin(request, (control) => start(request, control));
    },
    list: () => registry.list(),
    async end(id) {
      if (id !== undefined && !registry.list().some((fault) => fault.id === id))
        throw new AwsError("NoSuchFault", `There is no fault ${id}.`);
      return await registry.end((fault) => id === undefined || fault.id === id);
    },
    close: () => registry.close(),
  };
}

/** `thaw` ends the `freeze` of the same instance, and so on. */
async function endOpposite(registry: FaultRegistry, request: FaultRequest): Promise<void> {
  const ended = request.kind === "host" ? ENDS[request.action] : undefined;
  if (request.kind !== "host" || ended === undefined) return;
  await registry.end(
    ({ request: other }) => other.kind === "host" && other.action === ended && other.instanceId === request.instanceId,
  );
}
