import { chatDoor } from "../usecases/chat/door.ts";
import { webhook } from "./adapters/webhook.ts";

/** `POST /chat/webhook` */
export const handler = chatDoor(webhook);
