import type { Construct } from "constructs";
import type { FunctionNeeds } from "./function-needs.ts";
import { Rights } from "./rights.ts";

interface Surroundings {
  readonly tableArn: string;
  readonly tableName: string;
  readonly apiId: string;
  readonly apiUrl: string;
}

const READ_UPDATE = ["dynamodb:GetItem", "dynamodb:UpdateItem"];

/**
 * Functions of chats. A door is open to the world, so it may do next to nothing: read its own secret, remember a delivery,
 * start the flow. What a command does is done by the API, under the API's rights.
 */
export const chatFunctionNeeds = (scope: Construct, around: Surroundings): Record<string, FunctionNeeds> => {
  const rights = new Rights(scope);
  const { tableArn, apiId } = around;
  const common = { table: "none", behindHttp: false } as const;
  const table = { CLUSTER_TABLE: around.tableName };
  const api = { API_URL: around.apiUrl };
  const goOn = rights.items(tableArn, READ_UPDATE, "CHAT#*");
  const doors = rights.settings("chat/slack", "chat/mattermost", "chat/webhook");
  const door = (adapter: string): FunctionNeeds => ({
    ...common,
    behindHttp: true,
    environment: table,
    statements: [
      rights.settings(`chat/${adapter}`),
      rights.items(tableArn, ["dynamodb:PutItem"], "CHAT#DELIVERY#*", "CHAT#SIGNATURE#*"),
    ],
  });

  return {
    "chat-slack": door("slack"),
    "chat-mattermost": door("mattermost"),
    "chat-webhook": door("webhook"),
    "chat-command": {
      ...common,
      audits: true,
      environment: { ...table, ...api },
      statements: [
        goOn,
        rights.items(tableArn, ["dynamodb:PutItem"], "CHAT#*", "CLUSTER#*"),
        doors,
        rights.settings("chat/access"),
        rights.callApi(apiId, "*"),
        rights.publishEvents(),
      ],
    },
    "chat-progress": {
      ...common,
      environment: { ...table, ...api },
      statements: [goOn, doors, rights.callApi(apiId, "GET/clusters/*", "GET/operations/*")],
    },
    "chat-failure": { ...common, environment: { ...table, ...api }, statements: [goOn, doors] },
    "notify-chat": {
      ...common,
      environment: table,
      statements: [
        rights.items(tableArn, ["dynamodb:PutItem", "dynamodb:UpdateItem"], "CHAT#NOTICE#*"),
        rights.items(tableArn, ["dynamodb:GetItem"], "CLUSTER#*"),
        rights.settings("chat/notifications"),
      ],
    },
  };
};
