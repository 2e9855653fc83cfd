import { type AttributeValue, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Clock } from "../../context/clock.ts";
import type { HostCredentials, HostSpec } from "../driver.ts";
import { signedPost } from "./signed-post.ts";

/** The calls that a host's own scripts make of AWS, with the keys of its instance profile. */
export interface HostAws {
  /**
   * `aws ssm get-parameters --with-decryption`: the values in the order of their names. Rejects if one is missing, too.
   */
  getParameters(names: readonly string[]): Promise<string[]>;
  /** `curl --aws-sigv4` of a route of the HTTP API: what it answers. Rejects with the answer if it is a refusal. */
  postApi(path: string, body: unknown): Promise<unknown>;
  /** `aws dynamodb put-item` of a member's heartbeat. */
  putHeartbeat(table: string, heartbeat: Heartbeat): Promise<void>;
  /** `aws s3 cp` of an object. */
  getObject(object: { readonly bucket: string; readonly key: string }): Promise<Buffer>;
  /** `aws s3 cp` of a file, encrypted with a key of KMS. */
  putObject(object: { readonly bucket: string; readonly key: string }, body: Buffer, kmsKey: string): Promise<void>;
}

export interface Heartbeat {
  /** Of its item: `HEARTBEAT#UID#ARN`. */
  readonly key: string;
  readonly member: string;
  readonly instanceId: string;
  readonly healthy: boolean;
  /** Epoch seconds, as `at`. */
  readonly since: number;
  readonly at: number;
  readonly kubernetesProblem: string;
  readonly kubernetesSince: number;
  readonly volumeId?: string;
  readonly clusterId?: string;
}

const DAY_SECONDS = 86_400;

/** Over the wire, so that signature, role and policy count as they do for a real host. */
export function wireAws(
  endpoints: { readonly aws: () => string; readonly api: () => string },
  region: string,
  credentials: () => Promise<HostCredentials | undefined>,
  clock: Clock,
): HostAws {
  const findKeys = async () => {
    const keys = await credentials();
    if (!keys) throw new Error("Unable to locate credentials");
    const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = keys;
    return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(expiresAt) };
  };
  const settings = { region, credentials: findKeys };
  let clients: { ssm: SSMClient; dynamodb: DynamoDBClient; s3: S3Client } | undefined;
  // A host is made before it is known where AWS listens.
  const open = () => {
    clients ??= {
      ssm: new SSMClient({ ...settings, endpoint: endpoints.aws() }),
      dynamodb: new DynamoDBClient({ ...settings, endpoint: endpoints.aws() }),
      s3: new S3Client({ ...settings, endpoint: endpoints.aws() }),
    };
    return clients;
  };
  return {
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
    async postApi(path, body) {
      const url = new URL(path, endpoints.api());
      const signer = { region, credentials: await findKeys(), at: new Date(clock.now()) };
      return await signedPost(url, JSON.stringify(body), signer);
    },
    async putHeartbeat(TableName, heartbeat) {
      await open().dynamodb.send(new PutItemCommand({ TableName, Item: heartbeatItem(heartbeat) }));
    },
    async getObject({ bucket: Bucket, key: Key }) {
      const { Body } = await open().s3.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async putObject({ bucket: Bucket, key: Key }, Body, SSEKMSKeyId) {
      const encrypted = { ServerSideEncryption: "aws:kms", SSEKMSKeyId } as const;
      await open().s3.send(new PutObjectCommand({ Bucket, Key, Body, ChecksumAlgorithm: "SHA256", ...encrypted }));
    },
  };
}

/** As `functions/hosts/boot/master.sh` writes it; functions/domain/repair/heartbeats.test.ts holds the two together. */
export function heartbeatItem(heartbeat: Heartbeat): Record<string, AttributeValue> {
  const { key, member, instanceId, healthy, since, at, volumeId, clusterId } = heartbeat;
  return {
    pk: { S: key },
    member: { S: member },
    instanceId: { S: instanceId },
    healthy: { BOOL: healthy },
    since: { N: String(since) },
    at: { N: String(at) },
    kubernetesProblem: { S: heartbeat.kubernetesProblem },
    kubernetesSince: { N: String(heartbeat.kubernetesSince) },
    ...(volumeId !== undefined && { volumeId: { S: volumeId } }),
    ...(clusterId !== undefined && { clusterId: { S: clusterId } }),
    expiresAt: { N: String(at + DAY_SECONDS) },
  };
}

/** The same calls from a host that may have no way out: then none of them arrives. */
export function overInternet({ egress }: HostSpec, aws: HostAws): HostAws {
  const leave = (): void => {
    if (!egress()) throw new Error("Connect timeout on endpoint URL: the host has no way to the Internet");
  };
  return {
    async getParameters(names) {
      leave();
      return await aws.getParameters(names);
    },
    async postApi(path, body) {
      leave();
      return await aws.postApi(path, body);
    },
    async putHeartbeat(table, heartbeat) {
      leave();
      await aws.putHeartbeat(table, heartbeat);
    },
    async getObject(object) {
      leave();
      return await aws.getObject(object);
    },
    async putObject(object, body, kmsKey) {
      leave();
      await aws.putObject(object, body, kmsKey);
    },
  };
}
