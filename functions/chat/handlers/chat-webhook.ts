import { webhook } from "../adapters/webhook.ts";
import { chatIngress } from "../ingress/ingress.ts";

/** `POST /chat/webhook` */
export const handler = chatIngress(webhook);
