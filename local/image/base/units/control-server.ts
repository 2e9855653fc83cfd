import { createServer, type Socket } from "node:net";
import type { UnitManager } from "./manager.ts";
import { systemctl } from "./systemctl.ts";

/**
 * Where `bin/systemctl` finds init. The host's own loopback interface and a privileged port that nothing listens on: bash
 * can connect to TCP by itself, which spares each call the start of a Node process; it cannot to a Unix socket.
 */
export const controlAddress = { host: "127.0.0.2", port: 1 } as const;

const separator = "\x1f";

/**
 * Answers `systemctl`. A request is one line of arguments separated by the unit separator; the answer is a line with the exit
 * status and the stream (`1` standard output, `2` standard error), then that stream's text.
 */
export async function serveControl(units: UnitManager): Promise<void> {
  const server = createServer((socket) => {
    let request = "";
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: string) => {
      request += chunk;
      if (request.endsWith("\n")) void reply(units, socket, request.slice(0, -1).split(separator));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(controlAddress, resolve);
  });
}

async function reply(units: UnitManager, socket: Socket, args: readonly string[]): Promise<void> {
  const answer = await systemctl(units, args);
  const [stream, text] = answer.stdout === "" ? [2, answer.stderr] : [1, answer.stdout];
  socket.end(`${answer.code} ${stream}\n${text}`);
}
