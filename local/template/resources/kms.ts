import { createHash } from "node:crypto";
import * as z from "zod";
import { arnOf, type Provision } from "../resource-type.ts";

const KeyProperties = z.object({
  Description: z.string().default(""),
  EnableKeyRotation: z.boolean().default(false),
  KeyPolicy: z.record(z.string(), z.unknown()).default({}),
});

/** `AWS::KMS::Key`; the same stack has the same keys again. Who may use it is what IAM says: its own policy leaves that to IAM. */
export const provisionKey: Provision = (request, { context, keys }) => {
  const digits = createHash("sha256").update(request.name()).digest("hex");
  const keyId = [8, 12, 16, 20, 32].map((end, index, ends) => digits.slice(ends[index - 1] ?? 0, end)).join("-");
  const arn = arnOf(context, "kms", `key/${keyId}`);
  const { Description, EnableKeyRotation, KeyPolicy } = KeyProperties.parse(request.properties);
  keys.add({
    ...{ id: keyId, arn, description: Description, rotates: EnableKeyRotation },
    ...{ policy: JSON.stringify(KeyPolicy), createdAt: context.clock.now() },
  });
  return { ref: keyId, attributes: { KeyId: keyId, Arn: arn } };
};

const AliasProperties = z.object({ AliasName: z.string().startsWith("alias/"), TargetKeyId: z.string() });

/** `AWS::KMS::Alias` */
export const provisionAlias: Provision = (request, { keys }) => {
  const { AliasName, TargetKeyId } = AliasProperties.parse(request.properties);
  const key = keys.find(TargetKeyId);
  if (!key) throw new Error(`${AliasName} names ${TargetKeyId}, which is no key of the account`);
  keys.addAlias(AliasName, key.id);
  return { ref: AliasName, attributes: {} };
};
