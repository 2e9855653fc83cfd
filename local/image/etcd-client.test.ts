import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Etcd, startEtcd } from "../testing/image/etcd.ts";
import { eventually } from "../testing/image/eventually.ts";
import { writeMemberBundle } from "../testing/image/pki.ts";
import { freePort } from "../testing/image/ports.ts";
import { EtcdClient, EtcdUnavailableError } from "./kubernetes/apiserver/etcd-client.ts";
import { Storage } from "./kubernetes/apiserver/storage.ts";

let directory: string;
let etcd: Etcd;
let tls: { ca: string; cert: string; key: string };
let silent: Server;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "holdfast-etcd-"));
  const pki = await writeMemberBundle(directory);
  const read = (file: string) => readFileSync(join(pki, file), "utf8");
  tls = { ca: read("etcd/ca.crt"), cert: read("apiserver-etcd-client.crt"), key: read("apiserver-etcd-client.key") };
  etcd = await startEtcd(directory, pki);
  silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const storage = new Storage(new EtcdClient([etcd.endpoint], tls));
  await eventually(() => storage.checkHealth());
});

afterAll(async () => {
  silent?.close();
  await etcd?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function silentEndpoint(): string {
  const address = silent.address();
  return `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

test("a dead member costs a request little", async () => {
  const client = new EtcdClient([`https://127.0.0.1:${await freePort()}`, etcd.endpoint], tls);
  const startedAt = performance.now();
  await new Storage(client).checkHealth();
  client.close();
  expect(performance.now() - startedAt).toBeLessThan(1500);
});

test("F4: a silent member holds the requests of its resources for ten seconds, and no others, as with the real API server", async () => {
  const client = new EtcdClient([silentEndpoint(), etcd.endpoint], tls);
  const storage = new Storage(client);
  const took = async (key: string) => {
    const startedAt = performance.now();
    await storage.get(key);
    return performance.now() - startedAt;
  };

  const [held, free] = await Promise.all([took("configmaps/default/x"), took("nodes/x")]);

  expect(held).toBeGreaterThan(9_900);
  expect(free).toBeLessThan(2_000);
  expect(await took("configmaps/default/x")).toBeLessThan(2_000);
  client.close();
}, 30_000);

test("without any member the request fails by name", async () => {
  const client = new EtcdClient([`https://127.0.0.1:${await freePort()}`], tls);
  await expect(new Storage(client).checkHealth()).rejects.toThrow(EtcdUnavailableError);
});

test("an object is written only at the version that the writer has seen", async () => {
  const client = new EtcdClient([etcd.endpoint], tls);
  const storage = new Storage(client);
  const object = (value: string) => ({ kind: "ConfigMap", metadata: { name: "x" }, data: { value } });
  const created = await storage.put("configmaps/default/x", object("1"), "absent");
  if (!created.written) throw new Error("not created");
  const version = created.object.metadata.resourceVersion ?? "";
  expect((await storage.put("configmaps/default/x", object("2"), version)).written).toBe(true);
  expect((await storage.put("configmaps/default/x", object("3"), version)).written).toBe(false);
  expect(await storage.delete("configmaps/default/x", version)).toBe(false);
  expect(await storage.get("configmaps/default/x")).toMatchObject({ data: { value: "2" } });
  expect((await storage.put("configmaps/default/x", object("2"), version)).written, "one's own write, repeated").toBe(
    true,
  );
  client.close();
});
