import { connect, createServer, type Server, type Socket } from "node:net";

/** Ports on 127.0.0.1 that lead into a VPC. One a destination, kept until the driver is closed. */
export class PortForwards {
  readonly #ports = new Map<string, Promise<number>>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #entrance: (vpcId: string) => Promise<string | undefined>;

  /** `entrance` resolves with the socket of a VPC's host runtime, or undefined while it has none. */
  constructor(entrance: (vpcId: string) => Promise<string | undefined>) {
    this.#entrance = entrance;
  }

  /** Resolves with the port; the same destination has the same port. */
  async open(vpcId: string, address: string, port: number): Promise<number> {
    const key = `${vpcId} ${address}:${port}`;
    const opened = this.#ports.get(key) ?? this.#listen(vpcId, JSON.stringify({ address, port }));
    this.#ports.set(key, opened);
    return await opened;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(vpcId: string, header: string): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, (client) => {
      this.#track(client);
      this.#lead(client, vpcId, header).catch(() => client.destroy());
    });
    this.#servers.push(server);
    return await new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        if (address === null || typeof address === "string") return reject(new Error("the forward has no port"));
        resolve(address.port);
      });
    });
  }

  async #lead(client: Socket, vpcId: string, header: string): Promise<void> {
    client.on("error", () => client.destroy());
    const path = await this.#entrance(vpcId);
    if (path === undefined) return void client.destroy();
    const inside = connect({ path, allowHalfOpen: true });
    this.#track(inside);
    inside.on("error", () => client.destroy());
    inside.on("close", () => client.destroy());
    client.on("close", () => inside.destroy());
    inside.write(`${header}\n`);
    client.pipe(inside);
    inside.pipe(client);
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
