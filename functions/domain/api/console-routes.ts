import { OpenedConsoleSchema } from "./console-request.ts";
import { REQUESTS } from "./requests.ts";
import type { ApiRoute } from "./route-types.ts";

/** How a person comes into the web console (docs/console.md). */
export const CONSOLE_ROUTES = {
  openConsole: {
    request: REQUESTS.openConsole,
    tag: "About",
    summary: "A code that opens the web console",
    description: "It works once, for a minute. What its session may do is what the caller may.",
    function: "console",
    answers: {
      201: {
        description: "The code.",
        schema: OpenedConsoleSchema,
        example: { code: "q3Jm0W5v…", until: "2026-11-30T20:00:00.000Z" },
      },
    },
    problems: [],
    body: { schema: REQUESTS.openConsole.body, example: { hours: 8 } },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
