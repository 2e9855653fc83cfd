import { slack } from "../adapters/slack.ts";
import { chatIngress } from "../ingress/ingress.ts";

/** `POST /chat/slack` */
export const handler = chatIngress(slack);
