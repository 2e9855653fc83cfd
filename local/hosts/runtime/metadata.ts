import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { z } from "zod";
import type { controllerMethods, RuntimeHostSpec } from "../protocol.ts";
import { metadataAddress } from "../root-file-system.ts";

type Credentials = z.infer<typeof controllerMethods.credentials.result>["credentials"];

/** What the metadata service asks of the host runtime. */
export interface MetadataSource {
  /** The host with this address; the metadata service knows its callers by nothing else. */
  hostAt(address: string): RuntimeHostSpec | undefined;
  credentials(instanceId: string): Promise<Credentials>;
}

const maxTokenSeconds = 21_600;

/**
 * EC2's instance metadata service, version 2 only: without a token every read is refused (EC2:
 * configuring-instance-metadata-service).
 */
export class MetadataService {
  readonly #source: MetadataSource;
  readonly #tokens = new Map<string, { instanceId: string; expiresAt: number }>();

  constructor(source: MetadataSource) {
    this.#source = source;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch(() => answer(response, 500, "Internal Server Error"));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(80, metadataAddress, resolve);
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = this.#source.hostAt(request.socket.remoteAddress ?? "");
    if (!host) return answer(response, 404, "Not Found");
    const path = new URL(request.url ?? "/", "http://metadata").pathname;
    if (request.method === "PUT" && path === "/latest/api/token") return this.#issueToken(request, response, host);
    if (request.method !== "GET") return answer(response, 405, "Method Not Allowed");
    if (!this.#isValid(request.headers["x-aws-ec2-metadata-token"], host)) return answer(response, 401, "Unauthorized");
    const text = await this.#read(path, host);
    return text === undefined ? answer(response, 404, "Not Found") : answer(response, 200, text);
  }

  #issueToken(request: IncomingMessage, response: ServerResponse, host: RuntimeHostSpec): void {
    const seconds = Number(request.headers["x-aws-ec2-metadata-token-ttl-seconds"]);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > maxTokenSeconds) {
      answer(response, 400, "Bad Request");
      return;
    }
    // A request that came through a proxy could be forged by what the proxy serves; the service refuses it a token.
    if (request.headers["x-forwarded-for"] !== undefined) {
      answer(response, 403, "Forbidden");
      return;
    }
    const token = randomBytes(40).toString("base64url");
    this.#tokens.set(token, { instanceId: host.instanceId, expiresAt: Date.now() + seconds * 1000 });
    response.setHeader("x-aws-ec2-metadata-token-ttl-seconds", String(seconds));
    answer(response, 200, token);
  }

  #isValid(token: string | string[] | undefined, host: RuntimeHostSpec): boolean {
    const known = typeof token === "string" ? this.#tokens.get(token) : undefined;
    return known !== undefined && known.instanceId === host.instanceId && known.expiresAt > Date.now();
  }

  async #read(path: string, host: RuntimeHostSpec): Promise<string | undefined> {
    if (path === "/latest/user-data") return host.userData === "" ? undefined : host.userData;
    if (path === "/latest/dynamic/instance-identity/document") return identityDocument(host);
    const prefix = "/latest/meta-data";
    if (!path.startsWith(prefix)) return undefined;
    const wanted = path.slice(prefix.length).replace(/^\/+|\/+$/g, "");
    if (wanted.startsWith("iam")) return await this.#readIam(wanted, host);
    return readTree(metadata(host), wanted);
  }

  async #readIam(path: string, host: RuntimeHostSpec): Promise<string | undefined> {
    const credentials = await this.#source.credentials(host.instanceId);
    if (!credentials) return undefined;
    const updated = new Date().toISOString().replace(/\.\d+/, "");
    const tree = {
      "iam/info": JSON.stringify({
        Code: "Success",
        LastUpdated: updated,
        InstanceProfileArn: `arn:aws:iam::${host.accountId}:instance-profile/${host.instanceProfileName ?? credentials.roleName}`,
      }),
      [`iam/security-credentials/${credentials.roleName}`]: JSON.stringify({
        Code: "Success",
        LastUpdated: updated,
        Type: "AWS-HMAC",
        AccessKeyId: credentials.accessKeyId,
        SecretAccessKey: credentials.secretAccessKey,
        Token: credentials.sessionToken,
        Expiration: new Date(credentials.expiresAt).toISOString().replace(/\.\d+/, ""),
      }),
    };
    return readTree(tree, path);
  }
}

function metadata(host: RuntimeHostSpec): Record<string, string> {
  const interfaceRoot = `network/interfaces/macs/${host.mac}`;
  return {
    "ami-id": host.imageId,
    hostname: privateName(host),
    "instance-id": host.instanceId,
    "instance-life-cycle": "on-demand",
    "instance-type": host.instanceType,
    "local-hostname": privateName(host),
    "local-ipv4": host.address,
    mac: host.mac,
    [`${interfaceRoot}/device-number`]: "0",
    [`${interfaceRoot}/local-ipv4s`]: host.address,
    [`${interfaceRoot}/mac`]: host.mac,
    [`${interfaceRoot}/subnet-ipv4-cidr-block`]: host.subnetCidr,
    "placement/availability-zone": host.zone,
    "placement/region": host.region,
    "services/domain": "amazonaws.com",
    "services/partition": "aws",
    ...Object.fromEntries(Object.entries(host.tags).map(([key, value]) => [`tags/instance/${key}`, value])),
  };
}

/** A leaf's value, or the names below a directory, those with children ending in a slash. */
function readTree(tree: Readonly<Record<string, string>>, path: string): string | undefined {
  if (Object.hasOwn(tree, path)) return tree[path];
  const below = path === "" ? "" : `${path}/`;
  const names = Object.keys(tree)
    .filter((key) => key.startsWith(below))
    .map((key) => /^[^/]+\/?/.exec(key.slice(below.length))?.[0] ?? "");
  return names.length === 0 ? undefined : [...new Set(names)].toSorted().join("\n");
}

function identityDocument(host: RuntimeHostSpec): string {
  return JSON.stringify({
    accountId: host.accountId,
    architecture: process.arch === "arm64" ? "arm64" : "x86_64",
    availabilityZone: host.zone,
    imageId: host.imageId,
    instanceId: host.instanceId,
    instanceType: host.instanceType,
    privateIp: host.address,
    region: host.region,
    version: "2017-09-30",
  });
}

/** The name that DNS of the VPC gives the host's address. */
function privateName(host: RuntimeHostSpec): string {
  return host.hostname.includes(".") ? host.hostname : `${host.hostname}.${host.region}.compute.internal`;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(text);
}
