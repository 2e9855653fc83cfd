import {
  DeleteParametersCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  type ParameterStringFilter,
  PutParameterCommand,
  paginateDescribeParameters,
  SSMClient,
} from "@aws-sdk/client-ssm";
import type { FoundResource } from "../domain/deletion.ts";
import { type Identity, type Owner, ownerTags, parameterPath, SECRETS_KEY, TAG } from "../domain/naming.ts";
import type { Owned } from "../domain/ownership.ts";
import { clientSettings } from "./aws-client.ts";
import { call, collect, ignoring } from "./aws-errors.ts";
import { fromTags, toTags } from "./ec2/client.ts";

const ssm = new SSMClient(clientSettings);

const ENCRYPTED = { Type: "SecureString", KeyId: SECRETS_KEY } as const;

/** A parameter's value (decrypted), or undefined. */
export const findParameter = async (Name: string): Promise<string | undefined> => {
  const answer = await ignoring(
    ["ParameterNotFound"],
    ssm.send(new GetParameterCommand({ Name, WithDecryption: true })),
  );
  return answer?.Parameter?.Value;
};

/**
 * Keeps a secret unless there is one already, and answers with the one that is kept: of two that run at once, one wins and
 * both get its value.
 */
export const ensureSecret = async (owner: Owner, resource: string, Name: string, make: () => Promise<string>) => {
  const existing = owner.blank ? undefined : await findParameter(Name);
  if (existing !== undefined) return existing;
  const Value = await make();
  const made = await ignoring(
    ["ParameterAlreadyExists"],
    ssm.send(new PutParameterCommand({ Name, Value, ...ENCRYPTED, Tags: toTags(ownerTags(owner, resource)) })),
  );
  return made ? Value : ((await findParameter(Name)) ?? Value);
};

/** Another secret in the place of one that `ensureSecret` has made, with its tags. */
export const replaceSecret = async (Name: string, Value: string): Promise<void> => {
  await call(ssm.send(new PutParameterCommand({ Name, Value, ...ENCRYPTED, Overwrite: true })));
};

/** Plain text that hosts read at boot; made if it is not there. */
export const putText = async (owner: Owner, resource: string, Name: string, Value: string): Promise<void> => {
  const Tags = toTags(ownerTags(owner, resource));
  // Tags and Overwrite exclude each other in one call, so the first write tags and later ones overwrite.
  const made = await ignoring(
    ["ParameterAlreadyExists"],
    ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Tags })),
  );
  if (!made) await replaceText(Name, Value);
};

/** New text for a parameter that `putText` has made, with its tags. */
export const replaceText = async (Name: string, Value: string): Promise<void> => {
  await call(ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true })));
};

/**
 * All parameters below the cluster's path, whoever wrote them, with their tags; no value is read. Lists carry no tags, but
 * filter by them: only what is not the owner's (what hosts wrote, as a rule one) is asked for by itself.
 */
export const listParameters = async (owner: Identity): Promise<FoundResource<"parameter">[]> => {
  const below = { Key: "Path", Option: "Recursive", Values: [parameterPath(owner)] };
  const own = { [TAG.uid]: owner.uid, [TAG.cluster]: owner.cluster };
  const byTags = Object.entries(own).map(([key, value]) => ({ Key: `tag:${key}`, Values: [value] }));
  const [all, tagged] = await Promise.all([describe([below]), describe([below, ...byTags])]);
  const isTagged = new Set(tagged);
  return Promise.all(
    all.map(async (id) => {
      const tags = isTagged.has(id) ? own : await tagsOf(id);
      return { kind: "parameter" as const, id, name: id, tags };
    }),
  );
};

const describe = async (ParameterFilters: ParameterStringFilter[]): Promise<string[]> => {
  const pages = paginateDescribeParameters({ client: ssm, pageSize: 50 }, { ParameterFilters });
  return (await collect(pages, (page) => page.Parameters)).flatMap(({ Name }) => Name ?? []);
};

/** None for a parameter that is gone. */
const tagsOf = async (ResourceId: string): Promise<Record<string, string>> => {
  const request = new ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId });
  const answer = await ignoring(["InvalidResourceId"], ssm.send(request));
  return fromTags(answer?.TagList);
};

/** Those that are not there are passed over. */
export const deleteParameters = async (parameters: readonly Owned<"parameter">[]): Promise<void> => {
  // Ten is the most that one call takes.
  for (let from = 0; from < parameters.length; from += 10) {
    const Names = parameters.slice(from, from + 10).map(({ id }) => id);
    await call(ssm.send(new DeleteParametersCommand({ Names })));
  }
};
