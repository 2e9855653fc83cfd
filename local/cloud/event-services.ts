import type { CloudContext } from "../context/context.ts";
import { createEventBridge, type EventBridgeService } from "../eventbridge/event-bridge.ts";
import { createTargets } from "../eventbridge/targets.ts";
import { createLambda, type LambdaService } from "../lambda/lambda.ts";
import { createStepFunctions, type StepFunctions } from "../stepfunctions/step-functions.ts";
import type { Service } from "../wire/service.ts";
import { deliverToDestination } from "./destinations.ts";
import { createIntegrations } from "./integrations.ts";
import { busTargets, putElsewhere } from "./neighbours.ts";
import { type createOperatorServices, flowListener, functionListeners } from "./operator-services.ts";
import type { ServicesOptions } from "./options.ts";
import type { ResourceServices } from "./resource-services.ts";

export interface EventServices {
  readonly lambda: LambdaService;
  readonly events: EventBridgeService;
  readonly stepFunctions: StepFunctions;
}

interface Surroundings {
  readonly options: ServicesOptions;
  readonly resources: Pick<ResourceServices, "authorizer" | "quotas">;
  readonly operator: ReturnType<typeof createOperatorServices>;
  readonly authorize: ServicesOptions["authorize"];
  /** Services by the SDK's service id in lower case. Filled once all exist. */
  readonly wire: ReadonlyMap<string, Service>;
}

/** Services that run the product: its functions, its flows, and the events that start both. */
export function createEventServices(context: CloudContext, surroundings: Surroundings): EventServices {
  const { options, resources, operator, authorize, wire } = surroundings;
  const { authorizer, quotas } = resources;
  const { queues } = operator;
  const { timings } = options;
  const lambda: LambdaService = createLambda(context, {
    awsEndpoint: options.awsEndpoint,
    compileCache: options.compileCache,
    ...functionListeners(operator),
    concurrency: () => quotas.limit("concurrentExecutions"),
    coldStartMs: timings.lambdaColdStart ?? 0,
    deliver: (message) => deliverToDestination({ queues, lambda, events, log: context.log }, message),
  });
  const put = putElsewhere(context, options.internet);
  const events: EventBridgeService = createEventBridge(context, {
    queues,
    scheduleSpeed: options.scheduleSpeed,
    deliveryMs: timings.eventDelivery ?? 0,
    putElsewhere: put,
    deliver: createTargets({
      lambda,
      queues,
      startExecution: async ({ stateMachineArn, input, roleArn }) => {
        authorizer.require({ roleArn, action: "states:StartExecution", resource: stateMachineArn });
        stepFunctions.startExecution({ stateMachineArn, input });
      },
      ...busTargets(context, { authorizer: () => authorizer, events: () => events, put }),
    }),
  });
  const stepFunctions = createStepFunctions(
    context,
    {
      integrations: createIntegrations({ ...options, context, authorizer, authorize, lambda, events, wire }),
      speed: options.workflowSpeed,
      transitionMs: timings.stepTransition ?? 0,
      onEvent: flowListener(operator),
    },
    options.restored.stepFunctions,
  );
  return { lambda, events, stepFunctions };
}
