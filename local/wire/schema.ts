import type { NormalizedSchema } from "@smithy/core/schema";

/** A reference to one of the SDK's schemas: a tuple, a number for a simple type, or a function that gives either. */
export type SchemaReference = Parameters<typeof NormalizedSchema.of>[0];

/** How the SDK marks a structure, and an error, which is a structure too: the first slot of the schema's tuple. */
const structureKinds: readonly unknown[] = [3, -3];

/** The names of a structure's required members: the SDK lists them first and says how many there are. */
export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  const tuple: unknown = schema.getSchema();
  if (!Array.isArray(tuple) || !structureKinds.includes(tuple[0])) return [];
  const [, , , , names, , requiredCount] = tuple;
  return Array.isArray(names) && typeof requiredCount === "number" ? names.slice(0, requiredCount) : [];
}

/** A structure's members; none for the unit type, which is what "no input" and "no output" are. */
export function membersOf(schema: NormalizedSchema): [string, NormalizedSchema][] {
  return schema.isStructSchema() && !schema.isUnitSchema() ? [...schema.structIterator()] : [];
}

/** A trait whose value is text, such as `xmlName`, `httpHeader` or `ec2QueryName`. */
export function textTrait(schema: NormalizedSchema, trait: string): string | undefined {
  const value = schema.getMergedTraits()[trait];
  return typeof value === "string" ? value : undefined;
}

export function hasTrait(schema: NormalizedSchema, trait: string): boolean {
  return schema.getMergedTraits()[trait] !== undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
