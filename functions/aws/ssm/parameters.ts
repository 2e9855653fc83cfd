import {
  DeleteParametersCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  type ParameterMetadata,
  type ParameterStringFilter,
  PutParameterCommand,
  paginateDescribeParameters,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { type Identity, type Owner, ownerTags, parameterPath, SECRETS_KEY, TAG } from "../../domain/cluster/naming.ts";
import type { FoundResource } from "../../domain/deletion/deletion.ts";
import {
  type ParameterKind,
  parameterDifferences,
  requireOwn,
  tagDifferences,
} from "../../domain/ownership/adoption.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { call, collect, ignoring } from "../common/aws-errors.ts";
import { fromTags, toTags } from "../ec2/client.ts";

const WRITTEN = {
  SecureString: { Type: "SecureString", KeyId: SECRETS_KEY },
  String: { Type: "String" },
} as const;

/** A parameter's value (decrypted), or undefined. */
export async function findParameter(ssm: SSMClient, Name: string): Promise<string | undefined> {
  const answer = await ignoring(
    ["ParameterNotFound"],
    ssm.send(new GetParameterCommand({ Name, WithDecryption: true })),
  );
  return answer?.Parameter?.Value;
}

/** Writes a parameter that is not there yet, with its owner's tags; false if there is one. */
async function create(ssm: SSMClient, owner: Owner, { resource, Name, Value, kind }: Written): Promise<boolean> {
  const Tags = toTags(ownerTags(owner, resource));
  const made = await ignoring(
    ["ParameterAlreadyExists"],
    ssm.send(new PutParameterCommand({ Name, Value, ...WRITTEN[kind], Tags })),
  );
  return made !== undefined;
}

interface Written {
  readonly resource: string;
  readonly Name: string;
  readonly Value: string;
  readonly kind: ParameterKind;
}

/**
 * Throws OwnershipConflict unless this cluster wrote the parameter: its tags say so, and a secret is encrypted with the stack's
 * key, which others may not use. Paths bear the cluster's name, which can be known before the cluster is there.
 */
async function requireOwnParameter(
  ssm: SSMClient,
  owner: Owner,
  { resource, Name, kind }: Pick<Written, "resource" | "Name" | "kind">,
): Promise<void> {
  const [[found], tags] = await Promise.all([
    describe(ssm, [{ Key: "Name", Option: "Equals", Values: [Name] }]),
    tagsOf(ssm, Name),
  ]);
  // Lists lag behind, and somebody may have removed it meanwhile.
  if (!found || !tags) throw new NotReadyYet(`parameter ${Name} is not listed yet`);
  requireOwn(`parameter ${Name}`, owner, [
    ...tagDifferences(owner, resource, tags),
    ...parameterDifferences(kind, { type: found.Type, key: found.KeyId }),
  ]);
}

/**
 * Keeps a secret unless the cluster has it already, and answers with the one that is kept: of two that run at once, one wins
 * and both get its value. Throws OwnershipConflict for one that somebody else wrote.
 */
export async function ensureSecret(
  ssm: SSMClient,
  owner: Owner,
  resource: string,
  Name: string,
  make: () => Promise<string>,
) {
  const existing = owner.blank ? undefined : await findParameter(ssm, Name);
  if (existing === undefined) {
    const Value = await make();
    if (await create(ssm, owner, { resource, Name, Value, kind: "SecureString" })) return Value;
  }
  await requireOwnParameter(ssm, owner, { resource, Name, kind: "SecureString" });
  const kept = existing ?? (await findParameter(ssm, Name));
  if (kept === undefined) throw new NotReadyYet(`parameter ${Name} is not readable yet`);
  return kept;
}

/** Writes the cluster's own parameter: made with its tags, or overwritten. Throws OwnershipConflict for somebody else's. */
async function put(ssm: SSMClient, owner: Owner, parameter: Written): Promise<void> {
  if (await create(ssm, owner, parameter)) return;
  await requireOwnParameter(ssm, owner, parameter);
  const { Name, Value, kind } = parameter;
  await call(ssm.send(new PutParameterCommand({ Name, Value, ...WRITTEN[kind], Overwrite: true })));
}

/** Another secret in the place of one that `ensureSecret` has made. */
export function putSecret(ssm: SSMClient, owner: Owner, resource: string, Name: string, Value: string): Promise<void> {
  return put(ssm, owner, { resource, Name, Value, kind: "SecureString" });
}

/** Plain text that hosts read at boot. */
export function putText(ssm: SSMClient, owner: Owner, resource: string, Name: string, Value: string): Promise<void> {
  return put(ssm, owner, { resource, Name, Value, kind: "String" });
}

/** New text for a parameter that `putText` has made, with its tags. */
export async function replaceText(ssm: SSMClient, Name: string, Value: string): Promise<void> {
  await call(ssm.send(new PutParameterCommand({ Name, Value, ...WRITTEN.String, Overwrite: true })));
}

/** Names of all parameters below the path of a cluster of this name, whoever wrote them. */
export async function listParameterNames(ssm: SSMClient, cluster: string): Promise<string[]> {
  return namesOf(await describe(ssm, [below(cluster)]));
}

function below(cluster: string) {
  return { Key: "Path", Option: "Recursive", Values: [parameterPath({ cluster })] };
}

/**
 * All parameters below the cluster's path, whoever wrote them, with their tags; no value is read. Lists carry no tags, but
 * filter by them: only what is not the owner's (what hosts wrote, as a rule one) is asked for by itself.
 */
export async function listParameters(ssm: SSMClient, owner: Identity): Promise<FoundResource<"parameter">[]> {
  const own = { [TAG.uid]: owner.uid, [TAG.cluster]: owner.cluster };
  const byTags = Object.entries(own).map(([key, value]) => ({ Key: `tag:${key}`, Values: [value] }));
  const [all, tagged] = await Promise.all([
    describe(ssm, [below(owner.cluster)]),
    describe(ssm, [below(owner.cluster), ...byTags]),
  ]);
  const isTagged = new Set(namesOf(tagged));
  return Promise.all(
    namesOf(all).map(async (id) => {
      const tags = isTagged.has(id) ? own : ((await tagsOf(ssm, id)) ?? {});
      return { kind: "parameter" as const, id, name: id, tags };
    }),
  );
}

/** Pages may be empty though more follow. */
function describe(ssm: SSMClient, ParameterFilters: ParameterStringFilter[]): Promise<ParameterMetadata[]> {
  return collect(
    paginateDescribeParameters({ client: ssm, pageSize: 50 }, { ParameterFilters }),
    (page) => page.Parameters,
  );
}

function namesOf(found: readonly ParameterMetadata[]): string[] {
  return found.flatMap(({ Name }) => Name ?? []);
}

/** Undefined for a parameter that is gone. */
async function tagsOf(ssm: SSMClient, ResourceId: string): Promise<Record<string, string> | undefined> {
  const request = new ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId });
  const answer = await ignoring(["InvalidResourceId"], ssm.send(request));
  return answer && fromTags(answer.TagList);
}

/** Those that are not there are passed over. */
export async function deleteParameters(ssm: SSMClient, parameters: readonly Owned<"parameter">[]): Promise<void> {
  // Ten is the most that one call takes.
  for (let from = 0; from < parameters.length; from += 10) {
    const Names = parameters.slice(from, from + 10).map(({ id }) => id);
    await call(ssm.send(new DeleteParametersCommand({ Names })));
  }
}
