import type { AdapterName } from "../../domain/chat/settings.ts";
import type { ChatAdapter } from "./adapter.ts";
import { mattermost } from "./mattermost.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

export const adapters: Readonly<Record<AdapterName, ChatAdapter>> = { slack, mattermost, webhook };
