import { chatDoor } from "../usecases/chat/door.ts";
import { mattermost } from "./adapters/mattermost.ts";

/** `POST /chat/mattermost` */
export const handler = chatDoor(mattermost);
