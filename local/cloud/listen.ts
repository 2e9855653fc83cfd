import type { Server } from "node:http";

/**
 * Listens on 127.0.0.1; port 0 means any that is free. Resolves with the port.
 * Throws an error whose message is one sentence for the person who chose the port.
 */
export async function listenOnPort(server: Server, port: number): Promise<number> {
  await listening(server, () => server.listen(port, "127.0.0.1")).catch((error: unknown) => {
    const inUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    throw inUse ? new PortInUse(port) : error;
  });
  const address = server.address();
  return typeof address === "object" && address ? address.port : port;
}

/** Listens on a Unix socket at the path. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await listening(server, () => server.listen(path));
}

/** Another program, perhaps another local cloud, has the port. */
export class PortInUse extends Error {
  constructor(port: number) {
    super(`Port ${port} of 127.0.0.1 is in use: is another local cloud running? Choose another one with --port.`);
    this.name = "PortInUse";
  }
}

/** Stops listening and drops every connection. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

async function listening(server: Server, start: () => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    start();
  });
}
