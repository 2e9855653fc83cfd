import type { CloudContext } from "../context/context.ts";
import { isElsewhere } from "../eventbridge/rules.ts";
import type { Service } from "../wire/service.ts";
import { defineCoreServices } from "./core-services.ts";
import { createEventServices, type EventServices } from "./event-services.ts";
import { publicSide } from "./neighbours.ts";
import { createOperatorServices, defineOperatorServices } from "./operator-services.ts";
import type { ServicesOptions } from "./options.ts";
import { createResourceServices, type ResourceServices } from "./resource-services.ts";
import type { Snapshot } from "./snapshot-file.ts";

/** Every service of one local cloud, wired to the others. */
export type CloudServices = ReturnType<typeof createServices>;

export function createServices(context: CloudContext, options: ServicesOptions) {
  const operator = createOperatorServices(context);
  const resources = createResourceServices(context, options, (arn) =>
    isElsewhere(context, arn) ? undefined : running.events.policyOf(arn),
  );
  const { elbV2, route53, iam } = resources;
  const leaveInternet = options.internet.join(
    publicSide(context, { elbV2, route53, iam, hosts: options.hosts, events: () => running.events }),
  );
  const authorize: ServicesOptions["authorize"] = async (call, input) => {
    await options.authorize(call, input);
    resources.authorizer.authorize(call, input);
  };
  const byServiceId = new Map<string, Service>();
  const running: EventServices = createEventServices(context, {
    ...{ options, resources, operator, authorize, wire: byServiceId },
  });
  const services: readonly (readonly [serviceId: string, service: Service])[] = [
    ...defineCoreServices(context, { ...resources, ...running }),
    ...defineOperatorServices(context, operator, { keys: resources.keys, endpoint: options.awsEndpoint }),
  ];
  for (const [serviceId, service] of services) byServiceId.set(serviceId, service);

  return {
    ...resources,
    ...running,
    ...operator,
    logs: operator.logs.store,
    /** Throws the service's refusal if the principal may not make the call. */
    authorize,
    wire: services.map(([, service]) => service),
    snapshot: () => snapshotOf({ ...resources, ...running }),
    /** Stops what acts by itself: events first, so that nothing new begins. */
    async close(): Promise<void> {
      running.events.close();
      operator.cloudWatch.close();
      route53.close();
      leaveInternet();
      resources.autoScaling.close();
      elbV2.close();
      await Promise.all([running.stepFunctions.close(), running.lambda.close(), resources.ec2.close()]);
    },
  };
}

function snapshotOf(services: ResourceServices & EventServices): Snapshot {
  const { iam, ec2, elbV2, autoScaling, ssm, dynamodb, route53, quotas, stepFunctions } = services;
  return {
    iam: iam.snapshot(),
    ec2: ec2.snapshot(),
    elbV2: elbV2.snapshot(),
    autoScaling: autoScaling.snapshot(),
    ssm: ssm.snapshot(),
    dynamodb: dynamodb.snapshot(),
    route53: route53.snapshot(),
    quotas: quotas.snapshot(),
    stepFunctions: stepFunctions.snapshot(),
  };
}
