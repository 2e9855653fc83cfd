import * as z from "zod";
import { REQUESTS } from "./requests.ts";
import type { ApiRoute, ChatBody } from "./route-types.ts";

/** What API Gateway itself, and the chats' endpoints, refuse with. */
export const Refusal = z.looseObject({ message: z.string().nullable() });

const ChatAnswer = z.looseObject({}).describe("What the chat shows at once.");

function chat(name: "slack" | "mattermost" | "webhook", body: ChatBody): Omit<ApiRoute, "request"> {
  return {
    tag: "Chat",
    summary: `Where ${name} delivers commands and buttons`,
    description: "Verified by the chat's own proof (docs/chat.md); signatures and tokens of this API play no part.",
    function: `chat-${name}`,
    answers: {
      200: {
        description: "Taken; the answer follows in the chat.",
        schema: ChatAnswer,
        example: { text: "One moment…" },
      },
      401: { description: "The proof does not hold.", schema: Refusal, example: { message: "Unauthorized" } },
      404: { description: "This chat is not configured.", schema: Refusal, example: { message: "Not Found" } },
      413: { description: "The body is too large.", schema: Refusal, example: { message: "too large" } },
    },
    problems: [],
    chat: body,
  };
}

/** Where the chats deliver what people write. */
export const CHAT_ROUTES = {
  chatSlack: {
    request: REQUESTS.chatSlack,
    ...chat("slack", { mediaType: "application/x-www-form-urlencoded", description: "As Slack signs and sends it." }),
  },
  chatMattermost: {
    request: REQUESTS.chatMattermost,
    ...chat("mattermost", {
      mediaType: "application/x-www-form-urlencoded",
      description: "A slash command; buttons come as JSON.",
    }),
  },
  chatWebhook: {
    request: REQUESTS.chatWebhook,
    ...chat("webhook", { mediaType: "application/json", description: "A signed delivery (docs/chat.md)." }),
  },
} as const satisfies Record<string, ApiRoute>;
