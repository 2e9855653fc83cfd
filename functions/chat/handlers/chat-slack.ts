import { slack } from "../adapters/slack.ts";
import { chatDoor } from "../ingress/door.ts";

/** `POST /chat/slack` */
export const handler = chatDoor(slack);
