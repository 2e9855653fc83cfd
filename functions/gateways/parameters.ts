import {
  DeleteParametersCommand,
  GetParameterCommand,
  PutParameterCommand,
  paginateDescribeParameters,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { type Owner, ownerTags, SECRETS_KEY } from "../domain/naming.ts";
import { clientSettings } from "./aws-client.ts";
import { call, collect, ignoring } from "./aws-errors.ts";
import { toTags } from "./ec2/client.ts";

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

/** Names of all parameters below a path, whoever wrote them; their values are not read. */
export const listParameterNames = async (path: string): Promise<string[]> => {
  const below = { ParameterFilters: [{ Key: "Path", Option: "Recursive", Values: [path] }] };
  const found = await collect(
    paginateDescribeParameters({ client: ssm, pageSize: 50 }, below),
    (page) => page.Parameters,
  );
  return found.flatMap(({ Name }) => Name ?? []);
};

/** Those that are not there are passed over. */
export const deleteParameters = async (names: readonly string[]): Promise<void> => {
  // Ten is the most that one call takes.
  for (let from = 0; from < names.length; from += 10) {
    await call(ssm.send(new DeleteParametersCommand({ Names: names.slice(from, from + 10) })));
  }
};
