import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetParameterCommand, GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { HostCredentials } from "../driver.ts";

/** The calls that a host's own scripts make of AWS, with the keys of its instance profile. */
export interface HostAws {
  /** `aws ssm get-parameter --with-decryption`. Rejects as the call fails. */
  getParameter(name: string): Promise<string>;
  /** `aws ssm get-parameters --with-decryption`: the values in the order of their names. Rejects if one is missing, too. */
  getParameters(names: readonly string[]): Promise<string[]>;
  /** `aws ssm put-parameter --type SecureString --key-id alias/holdfast --overwrite`. */
  putSecret(name: string, value: string): Promise<void>;
  /** `aws dynamodb put-item` of a member's beat. */
  putBeat(table: string, beat: Beat): Promise<void>;
}

export interface Beat {
  /** Of its item: `HEARTBEAT#UID#ARN`. */
  readonly key: string;
  readonly member: string;
  readonly instanceId: string;
  readonly healthy: boolean;
  /** Epoch seconds, as `at`. */
  readonly since: number;
  readonly at: number;
}

const DAY_SECONDS = 86_400;

/** Over the wire, so that signature, role and policy count as they do for a real host. */
export function wireAws(
  endpoint: () => string,
  region: string,
  credentials: () => Promise<HostCredentials | undefined>,
): HostAws {
  const settings = {
    region,
    credentials: async () => {
      const keys = await credentials();
      if (!keys) throw new Error("Unable to locate credentials");
      const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = keys;
      return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(expiresAt) };
    },
  };
  let clients: { ssm: SSMClient; dynamodb: DynamoDBClient } | undefined;
  // A host is made before it is known where AWS listens.
  const open = () => {
    clients ??= {
      ssm: new SSMClient({ ...settings, endpoint: endpoint() }),
      dynamodb: new DynamoDBClient({ ...settings, endpoint: endpoint() }),
    };
    return clients;
  };
  return {
    async getParameter(Name) {
      const { Parameter } = await open().ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
      return Parameter?.Value ?? "";
    },
    async getParameters(names) {
      const { Parameters = [] } = await open().ssm.send(
        new GetParametersCommand({ Names: [...names], WithDecryption: true }),
      );
      return names.map((name) => {
        const { Value } = Parameters.find(({ Name }) => Name === name) ?? {};
        if (Value === undefined) throw new Error(`${name} is missing`);
        return Value;
      });
    },
    async putSecret(Name, Value) {
      await open().ssm.send(
        new PutParameterCommand({ Name, Value, Type: "SecureString", KeyId: "alias/holdfast", Overwrite: true }),
      );
    },
    async putBeat(TableName, { key, member, instanceId, healthy, since, at }) {
      await open().dynamodb.send(
        new PutItemCommand({
          TableName,
          Item: {
            pk: { S: key },
            member: { S: member },
            instanceId: { S: instanceId },
            healthy: { BOOL: healthy },
            since: { N: String(since) },
            at: { N: String(at) },
            expiresAt: { N: String(at + DAY_SECONDS) },
          },
        }),
      );
    },
  };
}
