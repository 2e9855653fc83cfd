import { chatDoor } from "../usecases/chat/door.ts";
import { slack } from "./adapters/slack.ts";

/** `POST /chat/slack` */
export const handler = chatDoor(slack);
