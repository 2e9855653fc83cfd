import * as z from "zod";

/** The parts of an OpenAPI document from which requests are made. */

const Schema = z.record(z.string(), z.unknown());
export const Operation = z.object({
  operationId: z.string(),
  parameters: z
    .array(z.object({ in: z.enum(["path", "query", "header"]), name: z.string(), schema: Schema }))
    .default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: Schema })) }).optional(),
  responses: z.record(z.string(), z.unknown()),
  security: z.array(z.unknown()).optional(),
});
export const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.record(z.string(), z.record(z.string(), z.unknown())),
});
export type Document = z.output<typeof Document>;

/** An operation with its place in the document. */
export interface Target {
  readonly method: string;
  readonly path: string;
  readonly operation: z.output<typeof Operation>;
}

/** All operations that callers of the API have; the chats' endpoints take bytes, which their own tests forge. */
export function targetsOf({ paths }: Document): Target[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(() => !path.startsWith("/chat/"))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}
