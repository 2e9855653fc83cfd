import { OPEN_CONSOLE } from "./console-request.ts";
import { ROUTES } from "./routes.ts";

/** Routes that the console may ask for: those of people, but not the one that opens another session. */
export const SESSION_ROUTES = Object.values(ROUTES)
  .filter(({ request: { action, route } }) => action !== null && action !== "join" && route !== OPEN_CONSOLE.route)
  .map(({ request: { route }, function: name }) => ({ route, function: name }));
