import { z } from "zod";
import { type Json, jsonObjectSchema, jsonSchema } from "./json.ts";

/** The Amazon States Language as far as it is emulated: JSONata only, inline maps, Standard workflows. */
export const QUERY_LANGUAGE = "JSONata";

const queryLanguage = z.literal(QUERY_LANGUAGE, {
  error: `QueryLanguage must be "${QUERY_LANGUAGE}": JSONPath state machines are not supported`,
});
const expression = z.string().regex(/^\{%[\s\S]*%\}$/, "expected a number or a JSONata string {% … %}");
const seconds = z.union([z.number().int().min(1).max(99_999_999), expression]);
const count = z.union([z.number().int().min(0), expression]);
const errorNames = z.array(z.string().min(1)).min(1);

const common = { Comment: z.string().optional(), QueryLanguage: queryLanguage.optional() };
const transition = { Next: z.string().optional(), End: z.literal(true).optional() };
const output = { Output: jsonSchema.optional() };
const data = { ...output, Assign: jsonObjectSchema.optional() };

const retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: errorNames,
  IntervalSeconds: z.number().int().min(1).optional(),
  MaxAttempts: z.number().int().min(0).max(99_999_999).optional(),
  BackoffRate: z.number().min(1).optional(),
  MaxDelaySeconds: z.number().int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(["FULL", "NONE"]).optional(),
});
const catcher = z.strictObject({ Comment: z.string().optional(), ErrorEquals: errorNames, Next: z.string(), ...data });
const errorHandling = { Retry: z.array(retrier).optional(), Catch: z.array(catcher).optional() };

const choiceRule = z.strictObject({
  Comment: z.string().optional(),
  Condition: z.union([z.boolean(), expression]),
  Next: z.string(),
  ...data,
});

/** States that transition only to each other: a whole machine, a branch, or the processor of a map. */
export interface Graph {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const graphFields = {
  StartAt: z.string(),
  States: z.record(
    z.string().min(1).max(80),
    z.lazy((): z.ZodType<State> => state),
  ),
};
const branch: z.ZodType<Graph> = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: queryLanguage.optional(),
  ...graphFields,
});
const itemProcessor: z.ZodType<Graph> = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: queryLanguage.optional(),
  ProcessorConfig: z
    .strictObject({ Mode: z.literal("INLINE", { error: "only Map states of Mode INLINE are emulated" }).optional() })
    .optional(),
  ...graphFields,
});

const pass = z.strictObject({ Type: z.literal("Pass"), ...common, ...transition, ...data });
const succeed = z.strictObject({ Type: z.literal("Succeed"), ...common, ...output });
const fail = z.strictObject({
  Type: z.literal("Fail"),
  ...common,
  Error: z.string().optional(),
  Cause: z.string().optional(),
});
const choice = z.strictObject({
  Type: z.literal("Choice"),
  ...common,
  ...data,
  Choices: z.array(choiceRule).min(1),
  Default: z.string().optional(),
});
const wait = z.strictObject({
  Type: z.literal("Wait"),
  ...common,
  ...transition,
  ...data,
  Seconds: count.optional(),
  Timestamp: z.string().optional(),
});
const task = z.strictObject({
  Type: z.literal("Task"),
  ...common,
  ...transition,
  ...data,
  ...errorHandling,
  Resource: z.string(),
  Arguments: jsonSchema.optional(),
  TimeoutSeconds: seconds.optional(),
  HeartbeatSeconds: seconds.optional(),
});
const parallel = z.strictObject({
  Type: z.literal("Parallel"),
  ...common,
  ...transition,
  ...data,
  ...errorHandling,
  Branches: z.array(branch).min(1),
  Arguments: jsonSchema.optional(),
});
const map = z.strictObject({
  Type: z.literal("Map"),
  ...common,
  ...transition,
  ...data,
  ...errorHandling,
  ItemProcessor: itemProcessor,
  Items: z.union([z.array(jsonSchema), expression]).optional(),
  ItemSelector: jsonSchema.optional(),
  MaxConcurrency: count.optional(),
  ToleratedFailureCount: count.optional(),
  ToleratedFailurePercentage: count.optional(),
});

const state = z.discriminatedUnion("Type", [pass, succeed, fail, choice, wait, task, parallel, map]);

export const definitionSchema = z.strictObject({
  Comment: z.string().optional(),
  Version: z.string().optional(),
  QueryLanguage: queryLanguage,
  TimeoutSeconds: z.number().int().min(1).max(99_999_999).optional(),
  ...graphFields,
});

export type Definition = z.infer<typeof definitionSchema>;
export type State = z.infer<typeof state>;
export type PassState = z.infer<typeof pass>;
export type SucceedState = z.infer<typeof succeed>;
export type FailState = z.infer<typeof fail>;
export type ChoiceState = z.infer<typeof choice>;
export type WaitState = z.infer<typeof wait>;
export type TaskState = z.infer<typeof task>;
export type ParallelState = z.infer<typeof parallel>;
export type MapState = z.infer<typeof map>;
export type Retrier = z.infer<typeof retrier>;

/** The two fields that shape what leaves a state. */
export interface DataFields {
  readonly Assign?: Readonly<Record<string, Json>> | undefined;
  readonly Output?: Json | undefined;
}

/** The graphs that run inside a state, if any. */
export function innerGraphs(state: State): readonly Graph[] {
  if (state.Type === "Parallel") return state.Branches;
  return state.Type === "Map" ? [state.ItemProcessor] : [];
}
