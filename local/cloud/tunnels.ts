import type { Server } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { foreignPage } from "../context/browser-check.ts";

/** Where a name leads that only the cloud's own network knows: that of a load balancer, or a record that points to one. */
type Locate = (name: string) => { forward(port: number): Promise<number> } | undefined;

/**
 * Lets programs of this machine into the cloud's networks, as a proxy (RFC 9110, CONNECT): HTTPS_PROXY is the API's
 * address, and kubectl reaches an API server behind its load balancer with the kubeconfig as it was exported.
 */
export class Tunnels {
  readonly #locate: Locate;
  readonly #open = new Set<Duplex>();

  constructor(server: Server, locate: Locate) {
    this.#locate = locate;
    server.on("connect", (request, client, head) => {
      client.on("error", () => client.destroy());
      // Host is the destination's here. No page can ask for a tunnel; one that could would say whose it is.
      if (foreignPage({ ...request.headers, host: undefined }) !== undefined)
        return void client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      this.#lead(request.url ?? "", client, head).catch(() => client.destroy());
    });
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async #lead(target: string, client: Duplex, head: Buffer): Promise<void> {
    const [, name = "", port = ""] = /^([^:]+):(\d{1,5})$/.exec(target) ?? [];
    const destination = this.#locate(name.toLowerCase());
    if (!destination) return void client.end("HTTP/1.1 502 No such load balancer\r\n\r\n");
    const inside = connect({ port: await destination.forward(Number(port)), allowHalfOpen: true });
    for (const socket of [client, inside]) {
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket));
    }
    inside.on("error", () => client.destroy());
    inside.on("close", () => client.destroy());
    client.on("close", () => inside.destroy());
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    inside.write(head);
    client.pipe(inside).pipe(client);
  }
}
