import { request } from "node:https";
import { connect } from "node:net";

/** True if something accepts a TCP connection within `timeoutMs`. */
export function probeTcp(address: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const finish = (reachable: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reachable);
    };
    const timer = setTimeout(() => finish(false), timeoutMs);
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });
}

/** True if an HTTPS GET is answered with 200–399 within `timeoutMs`. Health checks do not validate certificates. */
export function probeHttps(address: string, port: number, path: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host: address, port, path, rejectUnauthorized: false, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      finish(status >= 200 && status < 400);
    });
    const finish = (healthy: boolean): void => {
      clearTimeout(timer);
      probe.destroy();
      resolve(healthy);
    };
    const timer = setTimeout(() => finish(false), timeoutMs);
    probe.once("error", () => finish(false));
    probe.end();
  });
}
