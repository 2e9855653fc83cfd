import { webhook } from "../adapters/webhook.ts";
import { chatDoor } from "../ingress/door.ts";

/** `POST /chat/webhook` */
export const handler = chatDoor(webhook);
