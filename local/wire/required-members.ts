import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "./contract.ts";
import { isRecord, membersOf, requiredMembers } from "./schema.ts";
import type { Service } from "./service.ts";

/**
 * Throws as the service does when a required member is missing, at any depth. In the form protocols an empty structure
 * cannot be sent at all, so there a missing structure counts as an empty one.
 */
export function checkRequiredMembers(service: Service, schema: NormalizedSchema, input: unknown): void {
  const missing = findMissing(service, schema, input, "");
  if (missing !== undefined) throw missingError(service, missing);
}

function findMissing(service: Service, schema: NormalizedSchema, value: unknown, path: string): string | undefined {
  if (schema.isStructSchema()) return isRecord(value) ? findMissingMember(service, schema, value, path) : undefined;
  if (schema.isListSchema() && Array.isArray(value)) {
    return first(value.entries(), ([index, item]) =>
      findMissing(service, schema.getValueSchema(), item, `${path}.${index + 1}.member`),
    );
  }
  if (schema.isMapSchema() && isRecord(value)) {
    return first(Object.entries(value), ([key, item]) =>
      findMissing(service, schema.getValueSchema(), item, `${path}.${key}.member`),
    );
  }
  return undefined;
}

function findMissingMember(
  service: Service,
  schema: NormalizedSchema,
  structure: Record<string, unknown>,
  path: string,
): string | undefined {
  const required = requiredMembers(schema);
  const sentAsForm = service.protocol === "query" || service.protocol === "ec2";
  return first(membersOf(schema), ([name, member]) => {
    const here = path === "" ? name : `${path}.${name}`;
    const value = structure[name] ?? undefined;
    if (value !== undefined) return findMissing(service, member, value, here);
    if (!required.includes(name)) return undefined;
    if (!sentAsForm || !member.isStructSchema()) return here;
    structure[name] = {};
    return findMissing(service, member, structure[name], here);
  });
}

function first<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function missingError(service: Service, path: string): AwsError {
  if (service.protocol === "ec2") {
    return new AwsError("MissingParameter", `The request must contain the parameter ${path}`);
  }
  const where = path.replace(/(^|\.)([A-Z])/g, (_, dot: string, letter: string) => dot + letter.toLowerCase());
  const constraint = "failed to satisfy constraint: Member must not be null";
  const message = `1 validation error detected: Value null at '${where}' ${constraint}`;
  const codes = { query: "ValidationError", json: "ValidationException", restJson: "ValidationException" };
  return new AwsError(service.protocol === "restXml" ? "InvalidInput" : codes[service.protocol], message);
}
