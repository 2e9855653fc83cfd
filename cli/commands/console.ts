import { spawn } from "node:child_process";
import { EXIT } from "../../client/exit-codes.ts";
import type { OpenConsole } from "../../client/grammar/command.ts";
import type { Session } from "../../client/session.ts";
import { OpenedConsoleSchema } from "../../functions/domain/api/console-request.ts";

/** Asks the API for a code, and opens the console with it. The code is after the `#`: no server and no log sees it. */
export async function openConsole({ hours, open }: OpenConsole, { api, target, terminal }: Session): Promise<number> {
  const { code } = await api.post("/console-sessions", { hours }, OpenedConsoleSchema);
  const address = `${target.url.replace(/\/token$/, "")}/console/clusters#code=${code}`;
  terminal.out(`${address}\n`);
  terminal.note("This address signs in once, within a minute.");
  if (open && terminal.interactive) openBrowser(address);
  return EXIT.done;
}

/** Where there is none, the address has been printed. */
function openBrowser(address: string): void {
  const [program, ...args] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler"]
        : ["xdg-open"];
  const child = spawn(program, [...args, address], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
