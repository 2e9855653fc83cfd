import type { Template, TemplateResource } from "./template-schema.ts";

/** Logical ids that the resource needs first: its `DependsOn`, and every Ref, Fn::GetAtt and Fn::Sub in its properties. */
export function dependenciesOf(resource: TemplateResource, template: Template): ReadonlySet<string> {
  const names = [...resource.DependsOn, ...referencesIn(resource.Properties)];
  return new Set(names.filter((name) => name in template.Resources));
}

function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, operand]) => {
    if (key === "Ref" && typeof operand === "string") return [operand];
    if (key === "Fn::GetAtt") return [String(Array.isArray(operand) ? operand[0] : operand).split(".")[0] ?? ""];
    const pattern: unknown = key === "Fn::Sub" ? [operand].flat()[0] : undefined;
    const named =
      typeof pattern === "string" ? [...pattern.matchAll(/\$\{([^!}.]+)/g)].map(([, name = ""]) => name) : [];
    return [...named, ...referencesIn(operand)];
  });
}

/** Logical ids so that each comes after all that it needs. Throws on a circle, naming it. */
export function inDependencyOrder(template: Template): readonly string[] {
  const order: string[] = [];
  const visit = (logicalId: string, path: readonly string[]): void => {
    if (order.includes(logicalId)) return;
    if (path.includes(logicalId)) throw new Error(`Circular dependency: ${[...path, logicalId].join(" → ")}`);
    const resource = template.Resources[logicalId];
    if (resource) for (const needed of dependenciesOf(resource, template)) visit(needed, [...path, logicalId]);
    order.push(logicalId);
  };
  for (const logicalId of Object.keys(template.Resources)) visit(logicalId, []);
  return order;
}
