import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { resolverAddress } from "../root-file-system.ts";

const destination = z.object({ address: z.ipv4(), port: z.number() });
const connectTimeoutMs = 5000;
const maxHeaderLength = 1024;
const silentSeconds = 60;

/** Copies bytes both ways until either side ends; an error of one ends the other. */
export function join(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  for (const [socket, peer] of [
    [one, other],
    [other, one],
  ] as const) {
    socket.on("error", () => peer.destroy());
    socket.on("close", () => peer.destroy());
  }
}

/**
 * The hosts' way to AWS: a port of the resolver's address leads to a Unix socket of the controller. Whoever may not
 * leave the VPC gets no answer: packets are lost, as an internet gateway loses them, and sent again for a while.
 */
export async function listenRelay(
  port: number,
  path: string,
  mayLeave: (address: string) => Promise<boolean>,
): Promise<void> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    const sender = socket.remoteAddress ?? "";
    waitUntilOpen(socket, () => mayLeave(sender)).then(
      (open) => (open ? join(socket, connect({ path, allowHalfOpen: true })) : socket.destroy()),
      () => socket.destroy(),
    );
  });
  await listening(server, { host: resolverAddress, port });
}

/** False after the time that programs give a connection (60 s), or when the other side has given it up. */
async function waitUntilOpen(socket: Socket, isOpen: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < silentSeconds; tries += 1) {
    if (socket.destroyed) return false;
    if (await isOpen()) return true;
    await delay(1_000);
  }
  return false;
}

/**
 * The machine's way to the hosts: a connection to `path` names an address and a port in its first line, then leads
 * there.
 */
export async function listenForwards(path: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    readHeader(socket, (header) => {
      const target = destination.safeParse(header);
      if (!target.success) return socket.destroy();
      return join(socket, dial({ host: target.data.address, port: target.data.port }));
    });
  });
  await listening(server, { path });
}

/** Opens a connection that is given up after some seconds; SYNs to a dead host otherwise repeat for minutes. */
export function dial(to: { host: string; port: number; localAddress?: string }): Socket {
  const socket = connect({ ...to, allowHalfOpen: true });
  socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error("connection timed out")));
  socket.once("connect", () => socket.setTimeout(0));
  return socket;
}

export async function listening(server: Server, at: { path: string } | { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, resolve);
  });
}

function readHeader(socket: Socket, onHeader: (value: unknown) => void): void {
  let pending = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    pending = Buffer.concat([pending, chunk]);
    const end = pending.indexOf("\n");
    if (end < 0 && pending.length < maxHeaderLength) return;
    socket.off("data", onData);
    socket.pause();
    socket.unshift(pending.subarray(end + 1));
    onHeader(parseJson(pending.subarray(0, Math.max(end, 0)).toString()));
  };
  socket.on("data", onData);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
