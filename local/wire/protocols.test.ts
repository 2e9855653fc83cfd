import { createHash, createHmac } from "node:crypto";
import * as cloudWatch from "@aws-sdk/client-cloudwatch";
import * as kms from "@aws-sdk/client-kms";
import * as sqs from "@aws-sdk/client-sqs";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect, test } from "vitest";
import { startWire } from "../testing/wire.ts";
import { AwsError } from "./contract.ts";
import { defineService } from "./service.ts";

/** Of nothing; the SDK checks it. */
const MD5 = "d41d8cd98f00b204e9800998ecf8427e";
const QUEUES = { queryNamespace: "http://queue.amazonaws.com/doc/2012-11-05/" };
const services = [
  defineService(
    sqs,
    "SQSClient",
    {
      ReceiveMessage: ({ MaxNumberOfMessages }) => ({
        Messages: [
          { MessageId: `m-${MaxNumberOfMessages}`, MD5OfBody: MD5, Body: "", Attributes: { SentTimestamp: "1" } },
        ],
      }),
      GetQueueUrl: () => {
        throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
      },
    },
    QUEUES,
  ),
  defineService(kms, "KMSClient", {
    DescribeKey: () => {
      throw new AwsError("NotFoundException", "Alias is not found.");
    },
  }),
  defineService(cloudWatch, "CloudWatchClient", {
    ListMetrics: () => ({ Metrics: [{ Namespace: "Holdfast", MetricName: "Clusters" }] }),
  }),
];

class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret instanceof ArrayBuffer ? new Uint8Array(secret) : secret;
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", toKey(key));
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
}

function toKey(key: string | ArrayBufferView): string | Uint8Array {
  return typeof key === "string" ? key : new Uint8Array(key.buffer, key.byteOffset, key.byteLength);
}

/** A signed request as a client of the protocol sends it. */
async function post(endpoint: string, service: string, headers: Readonly<Record<string, string>>, body: string) {
  const { hostname, port, host } = new URL(endpoint);
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const signer = new SignatureV4({ service, region: "us-west-2", sha256: Sha256, credentials });
  const request = { method: "POST", protocol: "http:", hostname, port: Number(port), path: "/", query: {}, body };
  const signed = await signer.sign({ ...request, headers: { host, ...headers } });
  const answer = await fetch(endpoint, { method: "POST", headers: signed.headers, body });
  const [type, formerName] = ["content-type", "x-amzn-query-error"].map((name) => answer.headers.get(name));
  return { status: answer.status, type, formerName, text: await answer.text() };
}

const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

test("16.4: a service that left the query protocol answers forms in XML still", async () => {
  await using cloud = await startWire({ services });
  const form = "Action=ReceiveMessage&Version=2012-11-05&QueueUrl=q&MaxNumberOfMessages=2";

  const { text, type } = await post(cloud.endpoint, "sqs", FORM, form);
  const refused = await post(cloud.endpoint, "sqs", FORM, "Action=GetQueueUrl&QueueName=none");

  expect(type).toBe("text/xml");
  expect(text).toContain(
    `<ReceiveMessageResult><Message><MessageId>m-2</MessageId><MD5OfBody>${MD5}</MD5OfBody><Body></Body><Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute></Message></ReceiveMessageResult>`,
  );
  expect(refused.text).toContain("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>");
});

test("16.4: the same service answers the JSON of newer clients, and says errors by their former names too", async () => {
  await using cloud = await startWire({ services });
  const client = new sqs.SQSClient(cloud.client);

  const { Messages } = await client.send(new sqs.ReceiveMessageCommand({ QueueUrl: "q", MaxNumberOfMessages: 3 }));

  expect(Messages?.[0]?.MessageId).toBe("m-3");
  await expect(client.send(new sqs.GetQueueUrlCommand({ QueueName: "none" }))).rejects.toMatchObject({
    name: "QueueDoesNotExist",
  });
});

test("16.4: a service that is not there answers in the protocol of the request, and is logged", async () => {
  await using cloud = await startWire({ services });

  const form = await post(cloud.endpoint, "redshift", FORM, "Action=DescribeClusters");
  const target = { "x-amz-target": "AWSGlue.GetDatabases", "content-type": "application/x-amz-json-1.1" };
  const json = await post(cloud.endpoint, "glue", target, "{}");
  const rest = await post(cloud.endpoint, "eks", {}, "");

  expect([form.type, json.type, rest.type]).toEqual(["text/xml", "application/x-amz-json-1.1", "application/json"]);
  expect(form.text).toContain("<Code>InvalidAction</Code>");
  expect(JSON.parse(json.text)).toEqual({
    __type: "UnknownOperationException",
    message: 'The local cloud has no service "glue".',
  });
  expect(cloud.lines).toContain('wire: The local cloud has no service "redshift".');
});

test("16.4: only a service that took forms says a former name of its errors: clients show that one", async () => {
  await using cloud = await startWire({ services });
  const target = (name: string) => ({ "x-amz-target": name, "content-type": "application/x-amz-json-1.0" });

  const queue = await post(cloud.endpoint, "sqs", target("AmazonSQS.GetQueueUrl"), '{"QueueName":"none"}');
  const key = await post(cloud.endpoint, "kms", target("TrentService.DescribeKey"), '{"KeyId":"alias/none"}');

  expect(queue.formerName).toBe("AWS.SimpleQueueService.NonExistentQueue;Sender");
  expect([key.formerName, JSON.parse(key.text).__type]).toEqual([null, "com.amazonaws.kms#NotFoundException"]);
});
