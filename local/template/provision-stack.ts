import { dependenciesOf, inDependencyOrder } from "./dependencies.ts";
import type { LoadedTemplate } from "./load-template.ts";
import { physicalName } from "./physical-names.ts";
import { createResolver, type ProvisionedResource, type Resolver } from "./resolver.ts";
import type { StackServices } from "./resource-type.ts";
import { resourceTypes } from "./resource-types.ts";

/** A stack as it runs. */
export interface Stack {
  readonly resources: ReadonlyMap<string, ProvisionedResource>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * Creates every resource of the template, each as soon as those that it needs exist.
 * `parameters` are the stack's, where they differ from the defaults. Throws before it creates anything if the template
 * has a type that the local cloud does not know.
 */
export async function provisionStack(
  loaded: LoadedTemplate,
  services: StackServices,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Stack> {
  const { template, stackName } = loaded;
  requireKnownTypes(loaded);
  const resources = new Map<string, ProvisionedResource>();
  const resolver = createResolver({
    template,
    stackName,
    region: services.context.region,
    accountId: services.context.accountId,
    parameters,
    resource: (logicalId) => resources.get(logicalId),
  });
  const created = new Map<string, Promise<void>>();
  for (const logicalId of inDependencyOrder(template)) {
    const resource = template.Resources[logicalId];
    if (!resource || (resource.Condition !== undefined && !resolver.condition(resource.Condition))) continue;
    const needed = [...dependenciesOf(resource, template)].map((dependency) => created.get(dependency));
    const creation = Promise.all(needed).then(async () => {
      resources.set(logicalId, await provisionResource(loaded, services, resolver, logicalId));
    });
    created.set(logicalId, creation);
  }
  await Promise.all(created.values());
  return { resources, outputs: outputsOf(loaded, resolver) };
}

async function provisionResource(
  { stackName, template, assetPath }: LoadedTemplate,
  services: StackServices,
  resolver: Resolver,
  logicalId: string,
): Promise<ProvisionedResource> {
  const { Type: type = "", Properties = {} } = template.Resources[logicalId] ?? {};
  try {
    const provision = resourceTypes[type];
    if (!provision) throw new Error("unknown resource type");
    const name = (maxLength?: number): string => physicalName(stackName, logicalId, maxLength);
    return await provision(
      { stackName, logicalId, type, properties: resolver.resolve(Properties), name, assetPath },
      services,
    );
  } catch (error) {
    throw new Error(
      `${stackName}: cannot create ${logicalId} (${type}): ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
      },
    );
  }
}

function requireKnownTypes({ stackName, template }: LoadedTemplate): void {
  const unknown = Object.entries(template.Resources)
    .filter(([, { Type }]) => !(Type in resourceTypes))
    .map(([logicalId, { Type }]) => `${Type} (${logicalId})`);
  if (unknown.length > 0)
    throw new Error(`${stackName}: the local cloud does not know these resource types: ${unknown.join(", ")}`);
}

function outputsOf({ template }: LoadedTemplate, resolver: Resolver): Record<string, unknown> {
  const wanted = Object.entries(template.Outputs).filter(
    ([, { Condition }]) => Condition === undefined || resolver.condition(Condition),
  );
  return Object.fromEntries(wanted.map(([name, { Value }]) => [name, resolver.resolve(Value)]));
}
