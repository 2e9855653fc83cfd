import { request } from "node:https";
import { connect } from "node:net";

/** What is probed, and the address of this network namespace from which that is done. */
interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly from?: string | undefined;
}

/** True if something accepts a TCP connection within `timeoutMs`. */
export function probeTcp({ address, port, timeoutMs, from }: ProbeTarget): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, ...(from !== undefined && { localAddress: from }) });
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
export function probeHttps({ address, port, timeoutMs, from }: ProbeTarget, path: string): Promise<boolean> {
  const options = { host: address, port, path, ...(from !== undefined && { localAddress: from }) };
  return new Promise((resolve) => {
    const probe = request({ ...options, rejectUnauthorized: false, agent: false }, (response) => {
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
