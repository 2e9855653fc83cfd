import * as z from "zod";
import { expectStatus, type PermissionsFlow } from "./flow.ts";

/** A person in a browser. */
export const CONSOLE: readonly PermissionsFlow[] = [
  {
    name: "a session of the console is opened, lists clusters and is closed",
    async run({ ask, cloud }) {
      const { body } = await ask("POST", "/console-sessions", {});
      const { code } = z.object({ code: z.string() }).parse(body);
      const send = async (method: string, path: string, cookie: string, sent?: object) => {
        const headers = { "x-holdfast-console": "1", "content-type": "application/json", cookie };
        const answer = await fetch(`${cloud.endpoints.api}/session${path}`, {
          method,
          headers,
          ...(sent ? { body: JSON.stringify(sent) } : {}),
        });
        return { status: answer.status, body: await answer.text(), cookies: answer.headers.getSetCookie() };
      };
      const opened = await send("POST", "/self", "", { code });
      const [cookie = ""] = (opened.cookies[0] ?? "").split(";");
      await expectStatus(send("GET", "/clusters", cookie), 200);
      await expectStatus(send("DELETE", "/self", cookie), 200);
    },
  },
];
