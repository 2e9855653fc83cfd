import * as z from "zod";
import { CommandFailed } from "../../client/api-errors.ts";
import { EXIT } from "../../client/exit-codes.ts";
import type { Session } from "../../client/session.ts";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { runProgram } from "../child.ts";
import type { FaultCommand, FaultWords } from "./local-arguments.ts";

const Fault = z.object({
  id: z.string(),
  request: z.looseObject({ kind: z.string(), action: z.string() }),
  state: z.string(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  reason: z.string().optional(),
  strikes: z.number(),
  timeline: z.array(z.object({ at: z.string(), what: z.string() })),
});

/** No id of an instance, a volume or a zone has a slash. */
const ClusterMember = /^(?<cluster>[^/]+)\/(?<member>[^/]+)$/;

/** Provokes, lists and ends faults in the local cloud that runs. */
export async function fault(command: FaultCommand, session: Session): Promise<number> {
  // What faults there are is known without a local cloud that runs.
  if (command.kind === "fault-kinds")
    return runProgram("local/faults/list-faults.ts", command.of === undefined ? [] : [command.of]);
  if (!session.target.local)
    throw new CommandFailed(`${session.target.url} is not a local cloud; unset HOLDFAST_API`, EXIT.badUsage);
  switch (command.kind) {
    case "fault":
      return provoke(command.words, session);
    case "fault-list":
      return list(session);
    case "fault-clear":
      return clear(command.id, session);
  }
}

async function provoke(words: FaultWords, session: Session): Promise<number> {
  const further = parseFurther(words.json);
  const target = words.target === undefined ? {} : await targetOf(words.kind, words.target, session);
  const request = { kind: words.kind, action: words.action, ...target, ...further };
  const { id, state } = await session.api.post("/_faults", request, Fault);
  // What is lost at once does not last: it has happened.
  session.terminal.out(`${id} ${state === "ended" ? "has happened" : state}\n`);
  return EXIT.done;
}

async function list(session: Session): Promise<number> {
  const { faults } = await session.api.get("/_faults", z.object({ faults: z.array(Fault) }));
  for (const { id, request, state, startedAt, strikes, timeline } of faults) {
    session.terminal.out(`${id}  ${state}  since ${startedAt}  strikes ${strikes}  ${JSON.stringify(request)}\n`);
    for (const { at, what } of timeline) session.terminal.out(`    ${at}  ${what}\n`);
  }
  return EXIT.done;
}

async function clear(id: string | undefined, session: Session): Promise<number> {
  const path = id === undefined ? "/_faults" : `/_faults/${encodeURIComponent(id)}`;
  const { ended } = await session.api.delete(path, z.object({ ended: z.array(z.string()) }));
  session.terminal.out(ended.length === 0 ? "nothing was in force\n" : `ended ${ended.join(", ")}\n`);
  return EXIT.done;
}

function parseFurther(json: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(json));
  } catch {
    throw new CommandFailed(`--json takes a JSON object, not ${json}`, EXIT.badUsage);
  }
}

/** The members that a target stands for: `ec2:CreateVolume` for calls, `CLUSTER/MEMBER` for an instance, a volume or a zone. */
async function targetOf(kind: string, target: string, session: Session): Promise<Record<string, string>> {
  switch (kind) {
    case "host":
      return { instanceId: await memberField("instanceId", target, session) };
    case "volume":
      return { volumeId: await memberField("volumeId", target, session) };
    case "zone":
    case "capacity":
      return { zone: await memberField("zone", target, session) };
    case "api": {
      const [service = "", operation] = target.split(":");
      return { service, ...(operation !== undefined && { operation }) };
    }
    case "events":
      return { detailType: target };
    case "lambda":
      return { function: target };
    default:
      throw new CommandFailed(`There is no fault of the kind ${kind}. The kinds: holdfast local fault`, EXIT.badUsage);
  }
}

/** What a member of a cluster has now; anything that is not `CLUSTER/MEMBER` stands for itself. */
async function memberField(
  field: "instanceId" | "volumeId" | "zone",
  target: string,
  session: Session,
): Promise<string> {
  const { cluster, member } = ClusterMember.exec(target)?.groups ?? {};
  if (cluster === undefined || member === undefined) return target;
  const { members } = await session.api.get(`/clusters/${encodeURIComponent(cluster)}`, ClusterViewSchema);
  const found = members.find(({ name }) => name === member);
  if (!found) throw new CommandFailed(`${cluster} has no member ${member}`, EXIT.notFound);
  const value = found[field];
  if (!value) throw new CommandFailed(`member ${member} of ${cluster} has no ${field} now`, EXIT.failed);
  return value;
}
