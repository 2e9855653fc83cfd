import { CredentialStore } from "../context/credentials.ts";
import { createWireServer, type WireOptions } from "../wire/server.ts";

/** A wire server on a free port of the loopback interface, and what a client needs to call it. */
export async function startWire(options: Pick<WireOptions, "services"> & Partial<WireOptions>) {
  const credentials = new CredentialStore("123456789012");
  const lines: string[] = [];
  const wire = createWireServer({ credentials, log: (line) => lines.push(line), ...options });
  await new Promise<void>((resolve) => wire.server.listen(0, "127.0.0.1", resolve));
  const address = wire.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = {
    endpoint,
    region: "us-west-2",
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
    maxAttempts: 1,
  };
  return { wire, credentials, lines, endpoint, client, [Symbol.asyncDispose]: () => wire.close() };
}
