import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as eventBridge from "@aws-sdk/client-eventbridge";
import * as ssm from "@aws-sdk/client-ssm";
import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { AccessRules } from "../../functions/domain/access/authorization.ts";
import type { AuditEntry } from "../../functions/domain/chat/audit.ts";
import type { Delivery } from "../../functions/domain/chat/delivery.ts";
import { createDynamoDb } from "../../local/dynamodb/dynamodb.ts";
import { recordingContext } from "../../local/testing/service-context.ts";
import { startWire } from "../../local/testing/wire.ts";
import { defineService } from "../../local/wire/service.ts";
import { setEnvironment } from "./environment.ts";
import { FakeApi } from "./fake-api.ts";
import { FakeSlack } from "./fake-slack.ts";

const TABLE = "clusters";
const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";

/** A chat and an API that are servers, a table behind DynamoDB's protocol, and the use cases between them. */
export async function startStage(options: {
  readonly access: Omit<AccessRules, "roles" | "secondPerson"> & Partial<AccessRules>;
  /** Of the API's own rules. */
  readonly apiSecondPerson?: AccessRules["secondPerson"];
  readonly api: Parameters<typeof FakeApi.start>[0];
}) {
  const api = await FakeApi.start(options.api);
  const slack = await FakeSlack.start("http://127.0.0.1:1/chat/slack", SECRET);
  const settings = new Map<string, unknown>([
    ["slack", { secret: SECRET, replyOrigins: [slack.origin] }],
    ["access", options.access],
    ["notifications", { url: `${slack.origin}/news`, origins: [slack.origin] }],
  ]);
  const aws = await serveAws(settings);
  const { openTable, recordDelivery, answer, apiAsFunction, notify } = await loadProduct();
  const opened = openTable(TABLE);
  const target = apiAsFunction(api.url, "us-west-2", { accessKeyId: "holdfast", secretAccessKey: "holdfast" });
  const apiAccess = { secondPerson: options.apiSecondPerson ?? [] };
  let count = 0;
  const audit: AuditEntry[] = [];

  return {
    api,
    slack,
    audit,
    notify: (event: object) => notify(event, Object(undefined)),
    /** Puts a record into the table. */
    async remember(key: object, record: object): Promise<void> {
      await opened.client.send(new PutCommand({ TableName: TABLE, Item: { ...key, record } }));
    },
    /** Executes a delivery, again if it is one that was executed before. */
    answer: (delivery: Delivery) =>
      answer({ table: opened, target, apiAccess, audit: (entry) => audit.push(entry) }, delivery.id),
    /** What a user does, as an endpoint would record it. */
    async delivery(user: string, request: Delivery["request"]): Promise<Delivery> {
      const id = (++count).toString(16).padStart(40, "0");
      const delivery: Delivery = {
        id,
        adapter: "slack",
        from: { principal: `slack:T1/${user}`, id: user, name: user.toLowerCase() },
        request,
        replyUrl: `${slack.origin}/${id}`,
        receivedAt: new Date().toISOString(),
      };
      await recordDelivery(opened, delivery, id, new Date());
      return delivery;
    },
    /** The items of the table whose partition begins so, each with its record. */
    async records(prefix: string): Promise<unknown[]> {
      const { Items = [] } = await opened.client.send(new ScanCommand({ TableName: TABLE }));
      return Items.filter(({ pk }) => String(pk).startsWith(prefix)).map((item) => item["record"]);
    },
    /** What was answered to a delivery, in order. */
    said: ({ id }: Delivery) => slack.posted.get(`/${id}`) ?? [],
    async [Symbol.asyncDispose]() {
      await Promise.all([api[Symbol.asyncDispose](), slack[Symbol.asyncDispose](), aws[Symbol.asyncDispose]()]);
    },
  };
}

/** The services that chats need, with an empty table and these settings; the environment names their endpoint. */
async function serveAws(settings: ReadonlyMap<string, unknown>) {
  const table = createDynamoDb(recordingContext({ now: Date.now, sleep: async () => {} }));
  table.createTable({
    tableName: TABLE,
    keySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    attributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
  });
  const aws = await startWire({
    services: [
      defineService(dynamodb, "DynamoDBClient", table.handlers),
      defineService(eventBridge, "EventBridgeClient", { PutEvents: () => ({ Entries: [{ EventId: "1" }] }) }),
      defineService(ssm, "SSMClient", {
        GetParameter: ({ Name = "" }) => ({
          Parameter: { Name, Value: JSON.stringify(settings.get(Name.replace("/holdfast-settings/chat/", ""))) },
        }),
      }),
    ],
  });
  setEnvironment({
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "holdfast",
    AWS_SECRET_ACCESS_KEY: "holdfast",
    CLUSTER_TABLE: TABLE,
  });
  return aws;
}

/** Clients read the environment when they are made, which is when their gateway is loaded. */
async function loadProduct() {
  const [{ openTable }, { recordDelivery }, { answer }, { apiAsFunction }, { handler: notify }] = await Promise.all([
    import("../../functions/store/keys.ts"),
    import("../../functions/store/chat.ts"),
    import("../../functions/chat/conversation/answer.ts"),
    import("../../functions/chat/conversation/session.ts"),
    import("../../functions/chat/handlers/notify-chat.ts"),
  ]);
  return { openTable, recordDelivery, answer, apiAsFunction, notify };
}
