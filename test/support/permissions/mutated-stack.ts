import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { STACK_NAME } from "../../../infra/app.ts";
import type { Permission } from "./permissions.ts";

const Template = z.looseObject({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });
const Policy = z.looseObject({
  Properties: z.looseObject({
    PolicyDocument: z.looseObject({
      Statement: z.array(z.looseObject({ Action: z.union([z.string(), z.array(z.string())]) })),
    }),
  }),
});

/** A synthesized stack like that in `cdkOut`, whose template lacks one permission; gone when it is disposed of. */
export async function mutatedStack(cdkOut: string, lost: Permission) {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-mutated-"));
  const file = `${STACK_NAME}.template.json`;
  for (const name of await readdir(cdkOut)) if (name !== file) await symlink(join(cdkOut, name), join(directory, name));
  const template = Template.parse(JSON.parse(await readFile(join(cdkOut, file), "utf8")));
  const [id, found] =
    Object.entries(template.Resources).find(([name]) => name.startsWith(`${lost.role}RoleDefaultPolicy`)) ?? [];
  if (id === undefined) throw new Error(`the template has no policy of ${lost.role}`);
  const policy = Policy.parse(found);
  const statement = policy.Properties.PolicyDocument.Statement[lost.statement];
  const actions = [statement?.Action ?? []].flat();
  if (!statement || !actions.includes(lost.action)) throw new Error(`${id} does not grant ${lost.action} there`);
  // A statement must have an action; nobody calls this one.
  const left = actions.filter((action) => action !== lost.action);
  statement.Action = left.length > 0 ? left : ["sts:GetCallerIdentity"];
  const Resources = { ...template.Resources, [id]: policy };
  await writeFile(join(directory, file), JSON.stringify({ ...template, Resources }));
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}
