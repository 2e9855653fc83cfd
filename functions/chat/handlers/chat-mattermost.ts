import { mattermost } from "../adapters/mattermost.ts";
import { chatDoor } from "../ingress/door.ts";

/** `POST /chat/mattermost` */
export const handler = chatDoor(mattermost);
