import { readFile, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import * as z from "zod";
import type { HttpApi } from "../httpapi/http-api.ts";
import { createHttpsServer } from "../httpapi/server.ts";
import { createAuthority, issueCertificate, loadAuthority } from "../image/kubernetes/common/certificates.ts";
import { listenOnSocket } from "./listen.ts";

const Authority = z.object({ certificate: z.string(), key: z.string() });

/** How hosts reach the HTTP API: by its public name and by TLS, whose authority they trust as they do Amazon's. */
export interface HostApi {
  readonly socket: string;
  /** PEM. */
  readonly authority: string;
  serve(api: () => HttpApi | undefined, log: (line: string) => void): Promise<Server>;
}

/** The authority lies in the directory: hosts that outlive a run of the local cloud continue trusting it. */
export async function prepareHostApi(directory: string, region: string): Promise<HostApi> {
  const file = join(directory, "api-authority.json");
  const kept = await readFile(file, "utf8").catch(() => undefined);
  const authority = kept === undefined ? await createAuthority("local cloud") : Authority.parse(JSON.parse(kept));
  if (kept === undefined) await writeFile(file, JSON.stringify(authority), { mode: 0o600 });
  const socket = join(directory, "api.sock");
  return {
    socket,
    authority: authority.certificate,
    async serve(api, log) {
      const name = `*.execute-api.${region}.amazonaws.com`;
      const tls = await issueCertificate(loadAuthority(authority.certificate, authority.key), {
        subject: { commonName: name },
        usage: "server",
        alternativeNames: [name],
      });
      const server = createHttpsServer({ api, log }, tls);
      await rm(socket, { force: true });
      await listenOnSocket(server, socket);
      return server;
    },
  };
}
