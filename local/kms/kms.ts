import type * as sdk from "@aws-sdk/client-kms";
import type { CloudContext } from "../context/context.ts";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Key, Keys } from "./keys.ts";

/** KMS, for reading: the keys that the stack declared. */
export function createKms(context: CloudContext, keys: Keys): Handlers<typeof sdk> {
  const find = (name = ""): Key => {
    const key = keys.find(name);
    if (key) return key;
    const arn = `arn:aws:kms:${context.region}:${context.accountId}:${name.startsWith("alias/") ? name : `key/${name}`}`;
    throw new AwsError("NotFoundException", `${name.startsWith("alias/") ? "Alias" : "Key"} ${arn} is not found.`);
  };
  return {
    ...listHandlers(context, keys, find),
    DescribeKey: ({ KeyId }) => ({ KeyMetadata: metadata(context, find(KeyId)) }),
    GetKeyPolicy: ({ KeyId, PolicyName = "default" }) => {
      if (PolicyName !== "default") throw new AwsError("NotFoundException", "No such policy exists");
      return { Policy: find(KeyId).policy, PolicyName };
    },
    GetKeyRotationStatus: ({ KeyId }) => {
      const { id, rotates } = find(KeyId);
      return { KeyId: id, KeyRotationEnabled: rotates, ...(rotates && { RotationPeriodInDays: 365 }) };
    },
  };
}

function listHandlers(context: CloudContext, keys: Keys, find: (name?: string) => Key): Handlers<typeof sdk> {
  return {
    ListKeys: ({ Limit, Marker }) => {
      const { items, ...more } = pageOf(keys.list(), Limit, Marker);
      return { Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...more };
    },
    ListAliases: ({ KeyId, Limit, Marker }) => {
      const id = KeyId === undefined ? undefined : find(KeyId).id;
      const found = keys.aliases().filter(({ keyId }) => id === undefined || keyId === id);
      const { items, ...more } = pageOf(found, Limit, Marker);
      const aliases = items.map(({ name, keyId }) => ({
        AliasName: name,
        AliasArn: `arn:aws:kms:${context.region}:${context.accountId}:${name}`,
        TargetKeyId: keyId,
      }));
      return { Aliases: aliases, ...more };
    },
    ListKeyPolicies: ({ KeyId }) => ({ PolicyNames: find(KeyId) && ["default"], Truncated: false }),
    ListGrants: ({ KeyId }) => ({ Grants: find(KeyId) && [], Truncated: false }),
    ListResourceTags: ({ KeyId }) => ({ Tags: find(KeyId) && [], Truncated: false }),
  };
}

function pageOf<T>(all: readonly T[], limit = 100, token: string | undefined) {
  const { items, nextToken } = paginate(all, { limit, token, tokenError: "InvalidMarkerException" });
  return { items, Truncated: nextToken !== undefined, ...(nextToken !== undefined && { NextMarker: nextToken }) };
}

function metadata({ accountId }: CloudContext, key: Key): sdk.KeyMetadata {
  return {
    AWSAccountId: accountId,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.createdAt),
    Enabled: true,
    Description: key.description,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: "Enabled",
    Origin: "AWS_KMS",
    KeyManager: "CUSTOMER",
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    KeySpec: "SYMMETRIC_DEFAULT",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: false,
  };
}
