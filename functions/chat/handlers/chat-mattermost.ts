import { mattermost } from "../adapters/mattermost.ts";
import { chatIngress } from "../ingress/ingress.ts";

/** `POST /chat/mattermost` */
export const handler = chatIngress(mattermost);
