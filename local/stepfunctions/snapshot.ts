import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { z } from "zod";
import { definitionSchema } from "./definition.ts";
import { jsonObjectSchema, jsonSchema, toJson } from "./json.ts";
import type { Execution, Revision, StateMachine } from "./model.ts";
import type { Frame } from "./visit.ts";

/**
 * What survives a restart: machines, and executions with their histories. A revision is kept once, whoever refers to
 * it.
 */
export interface Kept {
  readonly machines: readonly StateMachine[];
  readonly executions: readonly Execution[];
}

const date = z.coerce.date();

const revisionSchema: z.ZodType<Revision> = z.object({
  revisionId: z.string(),
  stateMachineArn: z.string(),
  name: z.string(),
  roleArn: z.string(),
  text: z.string(),
  definition: definitionSchema,
  updateDate: date,
});

const frameSchema: z.ZodType<Frame> = z.object({
  state: z.string(),
  input: jsonSchema,
  variables: jsonObjectSchema,
  entered: z.boolean(),
  children: z.array(z.lazy(() => frameSchema.nullable())),
  output: jsonSchema.optional(),
});

/** The events are this interpreter's own; only what JSON lost, the date, needs fixing. */
const eventSchema = z.preprocess(
  (value) => (isDatedEvent(value) ? { ...value, timestamp: new Date(value.timestamp) } : value),
  z.custom<HistoryEvent>((value) => typeof value === "object" && value !== null && "type" in value && "id" in value),
);

const snapshotSchema = z.object({
  revisions: z.array(revisionSchema),
  machines: z.array(
    z.object({
      arn: z.string(),
      name: z.string(),
      creationDate: date,
      revisionId: z.string(),
      loggingConfiguration: z
        .object({
          level: z.enum(["ALL", "ERROR", "FATAL", "OFF"]).optional(),
          includeExecutionData: z.boolean().optional(),
        })
        .optional(),
      tags: z.array(z.tuple([z.string(), z.string()])),
    }),
  ),
  executions: z.array(
    z.object({
      arn: z.string(),
      name: z.string(),
      revisionId: z.string(),
      input: z.string(),
      status: z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"]),
      output: z.string().optional(),
      error: z.string().optional(),
      cause: z.string().optional(),
      startDate: date,
      stopDate: date.optional(),
      redriveCount: z.number(),
      redriveDate: date.optional(),
      events: z.array(eventSchema),
      root: frameSchema,
    }),
  ),
});

export function toSnapshot({ machines, executions }: Kept): unknown {
  const revisions = new Map([...machines, ...executions].map(({ revision }) => [revision.revisionId, revision]));
  return toJson({
    revisions: [...revisions.values()],
    machines: machines.map(({ revision, tags, ...machine }) => ({
      ...machine,
      revisionId: revision.revisionId,
      tags: [...tags],
    })),
    executions: executions.map(({ revision, ...execution }) => ({ ...execution, revisionId: revision.revisionId })),
  });
}

/** @throws ZodError when `snapshot` is not what {@link toSnapshot} gave. */
export function fromSnapshot(snapshot: unknown): Kept {
  const { revisions, machines, executions } = snapshotSchema.parse(snapshot);
  const byId = new Map(revisions.map((revision) => [revision.revisionId, revision]));
  const revisionOf = (id: string): Revision => {
    const revision = byId.get(id);
    if (revision === undefined) throw new Error(`The snapshot lacks the revision ${id}.`);
    return revision;
  };
  return {
    machines: machines.map(({ revisionId, tags, loggingConfiguration, ...machine }) => ({
      ...machine,
      loggingConfiguration,
      revision: revisionOf(revisionId),
      tags: new Map(tags),
    })),
    executions: executions.map(({ revisionId, ...execution }) => ({ ...execution, revision: revisionOf(revisionId) })),
  };
}

function isDatedEvent(value: unknown): value is { readonly timestamp: string } {
  return typeof value === "object" && value !== null && "timestamp" in value && typeof value.timestamp === "string";
}
