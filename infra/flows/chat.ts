import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { ADAPTERS } from "../../functions/domain/chat/settings.ts";
import { ChatEvents } from "../constructs/chat-events.ts";
import type { ClusterEvents } from "../constructs/cluster-events.ts";
import type { Foundation, FunctionDefinition, FunctionDefinitions, Functions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { callApi, publishEvents } from "../permissions/events.ts";
import { settings } from "../permissions/ssm.ts";
import { items } from "../permissions/table.ts";

function environmentOf({ tableName, http }: Foundation) {
  return {
    CLUSTER_TABLE: tableName,
    API_URL: http.api.apiEndpoint,
  };
}

/** To continue with what was begun, and to answer in whichever chat it was. */
function followUp({ tableArn }: Foundation) {
  return [
    items(tableArn, ["GetItem", "UpdateItem"], "CHAT#*"),
    settings(...ADAPTERS.map((adapter) => `chat/${adapter}`)),
  ];
}

/** What a command does is done by the API, under the API's permissions. */
const STEPS = {
  "chat-command": (foundation) => ({
    audits: true,
    permissions: [
      ...followUp(foundation),
      items(foundation.tableArn, ["PutItem"], "CHAT#*", "CLUSTER#*"),
      settings("chat/access"),
      callApi(foundation.http.api.apiId, "*"),
      publishEvents(),
    ],
    environment: environmentOf(foundation),
  }),

  "chat-progress": (foundation) => ({
    permissions: [...followUp(foundation), callApi(foundation.http.api.apiId, "GET/clusters/*", "GET/operations/*")],
    environment: environmentOf(foundation),
  }),

  "chat-failure": (foundation) => ({
    permissions: followUp(foundation),
    environment: environmentOf(foundation),
  }),
} satisfies FunctionDefinitions;

const NOTIFICATIONS = {
  "notify-chat": ({ tableArn, tableName }) => ({
    permissions: [
      items(tableArn, ["PutItem", "UpdateItem"], "CHAT#NOTICE#*"),
      items(tableArn, ["GetItem"], "CLUSTER#*"),
      settings("chat/notifications"),
    ],
    environment: { CLUSTER_TABLE: tableName },
  }),
} satisfies FunctionDefinitions;

/**
 * What a chat calls is open to the world, so it may do next to nothing: read its own secret, remember a delivery, start
 * the flow.
 */
function ingressOf(adapter: string) {
  return ({ tableArn, tableName }: Foundation): FunctionDefinition => ({
    permissions: [settings(`chat/${adapter}`), items(tableArn, ["PutItem"], "CHAT#DELIVERY#*", "CHAT#SIGNATURE#*")],
    environment: { CLUSTER_TABLE: tableName },
  });
}

const INGRESS = {
  "chat-slack": ingressOf("slack"),
  "chat-mattermost": ingressOf("mattermost"),
  "chat-webhook": ingressOf("webhook"),
} satisfies FunctionDefinitions;

/** Chats: what they call, the flow that it starts, and the functions that call the API for people. */
export function chat(foundation: Foundation) {
  const steps = foundation.functions("chat-command", STEPS);
  const workflow = new Workflow(foundation.stack, "ChatCommand", { file: "chat-command", steps });
  const ingress: Functions = foundation.routes("chat", INGRESS);
  for (const each of Object.values(ingress)) workflow.startedBy(each, "CHAT_STATE_MACHINE");
  return { workflow, ingress, callers: [steps["chat-command"], steps["chat-progress"]] };
}

/** Our own events, as messages in a chat. */
export function notifyChats(foundation: Foundation, events: ClusterEvents, deadLetterQueue: IQueue): void {
  const notify = foundation.functions("chat", NOTIFICATIONS)["notify-chat"];
  new ChatEvents(foundation.stack, "ChatEvents", { bus: events.bus, notify, deadLetterQueue });
}
