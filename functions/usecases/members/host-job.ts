import * as z from "zod";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { parseJson } from "../../domain/text/parse-json.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type Asking, askHost, type hostCommandCalls } from "./host-command.ts";
import { endOf } from "./members.ts";

/** A command that takes longer than Systems Manager or a function should wait: a document of `JOBS` in infra/constructs/host-documents.ts. */
export interface HostJob {
  readonly document: string;
  readonly instanceId: string;
  /**
   * Names the run on this host, 63 of `a-z0-9-` at most: an operation's id and an attempt, say. The same name starts nothing
   * again, it looks at what runs or has ended; another name runs again.
   */
  readonly job: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export type JobOutcome<Result> =
  | { readonly ok: true; readonly result: Result }
  /** The job has ended and will not succeed under this name. `reason` is for people; `code` is its exit code. */
  | { readonly ok: false; readonly reason: string; readonly code?: number };

/** A job of this exit code says that what it was given is at fault, and not its host (functions/hosts/documents/own-etcd.sh). */
export const FAULTY_DATA = 65;

/** What a document of a job prints: see functions/hosts/documents/job.sh. */
const JobAnswer = z.discriminatedUnion("state", [
  z.object({ state: z.literal("running"), seconds: z.int(), said: z.string() }),
  z.object({ state: z.literal("done"), result: z.unknown() }),
  z.object({ state: z.literal("failed"), code: z.int(), said: z.string() }),
]);

/** The document waits ten seconds for the end of its job; an agent that does not answer is asked again. */
const ANSWERS_WITHIN_MS = 30_000;
const FIRST_LOOK_MS = 500;

/**
 * Starts a job on a host, or looks at it where it was started before, and answers once it has ended. Throws NotReadyYet while
 * it runs, or while the host does not answer: the flow runs the step again, and no function waits meanwhile.
 */
export async function runHostJob<Schema extends z.ZodType>(
  deps: Deps<typeof hostCommandCalls>,
  asking: Asking,
  { document, instanceId, job, parameters = {} }: HostJob,
  schema: Schema,
): Promise<JobOutcome<z.output<Schema>>> {
  const lists = Object.fromEntries(Object.entries({ ...parameters, job }).map(([name, value]) => [name, [value]]));
  const answer = await askHost(deps, asking, {
    ...{ document, instanceId, parameters: lists },
    ...{ firstLookMs: FIRST_LOOK_MS, answersWithinMs: ANSWERS_WITHIN_MS },
  });
  const read = answer.ok ? JobAnswer.safeParse(parseJson(answer.output)).data : undefined;
  if (!read) throw new NotReadyYet(`${job}: ${document} on ${endOf(answer)}`);
  if (read.state === "running")
    throw new NotReadyYet(`${job} runs on ${instanceId} since ${read.seconds} s. ${read.said}`.trimEnd());
  if (read.state === "failed")
    return { ok: false, reason: `${job} on ${instanceId} ended with ${read.code}: ${read.said}`, code: read.code };
  const result = schema.safeParse(read.result);
  if (result.success) return { ok: true, result: result.data };
  return {
    ok: false,
    reason: `${job} on ${instanceId} answered what ${document} does not: ${z.prettifyError(result.error)}`,
  };
}
