import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import { collectionPath } from "../apiserver/resources.ts";
import { ApiClient, ApiError } from "../common/api-client.ts";
import { codeOf, messageOf, runCommand, UsageError } from "../common/command.ts";
import { parseDuration } from "../common/duration.ts";
import { readKubeconfig } from "../common/kubeconfig.ts";
import { versionInfo, versionText } from "../common/version.ts";
import { apply } from "./apply.ts";
import { get } from "./get.ts";
import { findResource } from "./resource-names.ts";

/** The real program waits without limit by default; on a host somebody waits for the answer. */
const DEFAULT_TIMEOUT_MS = 10_000;
/** As the real program's, which finds nothing on a host: documents name the file that they mean. */
const DEFAULT_KUBECONFIG = "/root/.kube/config";
const REFUSED = "The connection to the server localhost:8080 was refused - did you specify the right host or port?";

const OPTIONS = {
  "all-namespaces": { type: "boolean", short: "A", default: false },
  client: { type: "boolean", default: false },
  "field-manager": { type: "string" },
  filename: { type: "string", short: "f" },
  "force-conflicts": { type: "boolean", default: false },
  "ignore-not-found": { type: "boolean", default: false },
  kubeconfig: { type: "string" },
  namespace: { type: "string", short: "n", default: "default" },
  "no-headers": { type: "boolean", default: false },
  output: { type: "string", short: "o", default: "" },
  patch: { type: "string", short: "p" },
  raw: { type: "string" },
  "request-timeout": { type: "string", default: "0" },
  selector: { type: "string", short: "l" },
  "server-side": { type: "boolean", default: false },
  type: { type: "string", default: "strategic" },
  wait: { type: "string", default: "true" },
} as const;

const serverVersionSchema = z.looseObject({ gitVersion: z.string() });

type Flags = ReturnType<typeof parseCommandLine>["values"];

function parseCommandLine(args: string[]) {
  return parseArgs({ args, options: OPTIONS, allowPositionals: true });
}

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(argv);
  const [command = "", ...args] = positionals;
  if (command === "version" && values.client) return print(`${versionText("Client Version:")}\n`);
  const file = values.kubeconfig ?? process.env["KUBECONFIG"] ?? DEFAULT_KUBECONFIG;
  if (file === DEFAULT_KUBECONFIG && !existsSync(file)) {
    process.stderr.write(`${REFUSED}\n`);
    return 1;
  }
  const client = new ApiClient(readKubeconfig(file), {
    timeoutMs: parseDuration(values["request-timeout"]) || DEFAULT_TIMEOUT_MS,
  });
  try {
    return print(await run(client, command, args, values));
  } catch (error) {
    if (values["ignore-not-found"] && error instanceof ApiError && error.reason === "NotFound") return 0;
    process.stderr.write(`${describe(error, client.server)}\n`);
    return 1;
  } finally {
    client.close();
  }
}

async function run(client: ApiClient, command: string, args: readonly string[], flags: Flags): Promise<string> {
  switch (command) {
    case "get":
      return get(client, args, {
        raw: flags.raw,
        output: flags.output,
        namespace: flags.namespace,
        allNamespaces: flags["all-namespaces"],
        selector: flags.selector,
        showHeader: !flags["no-headers"],
      });
    case "apply":
      if (!flags["server-side"]) throw new UsageError("the stand-in of kubectl applies with --server-side only");
      return apply(client, flags.filename, flags.namespace);
    case "delete":
      return deleteObjects(client, args, flags);
    case "patch":
      return patchObject(client, args, flags);
    case "version":
      return describeVersions(client, flags.output);
    case "cluster-info":
      await client.get("/version");
      return `Kubernetes control plane is running at ${client.server}\n`;
    default:
      throw new UsageError(`unknown command "${command}" for the stand-in of kubectl`);
  }
}

async function deleteObjects(client: ApiClient, args: readonly string[], flags: Flags): Promise<string> {
  const [type, ...names] = args;
  if (!type || names.length === 0) throw new UsageError("resource(s) were provided, but no name was specified");
  const resource = findResource(type);
  let text = "";
  for (const name of names) {
    const path = `${collectionPath(resource, resource.namespaced ? flags.namespace : undefined)}/${name}`;
    try {
      await client.delete(path);
    } catch (error) {
      if (flags["ignore-not-found"] && error instanceof ApiError && error.reason === "NotFound") continue;
      throw error;
    }
    text += `${resource.singular} "${name}" deleted\n`;
  }
  return text;
}

async function patchObject(client: ApiClient, args: readonly string[], flags: Flags): Promise<string> {
  const [type = "", name, ...rest] = args;
  if (!name || rest.length > 0 || flags.patch === undefined)
    throw new UsageError("must specify --patch of one resource");
  if (flags.type !== "merge") throw new UsageError("the stand-in of kubectl patches with --type merge only");
  const resource = findResource(type);
  const path = collectionPath(resource, resource.namespaced ? flags.namespace : undefined);
  await client.mergePatch(`${path}/${name}`, JSON.parse(flags.patch));
  return `${resource.singular}${resource.group && `.${resource.group}`}/${name} patched\n`;
}

async function describeVersions(client: ApiClient, output: string): Promise<string> {
  if (output !== "json") process.stdout.write(`${versionText("Client Version:")}\n`);
  const serverVersion = serverVersionSchema.parse(await client.get("/version"));
  if (output === "json") return `${JSON.stringify({ clientVersion: versionInfo(), serverVersion }, null, 2)}\n`;
  return `Server Version: ${serverVersion.gitVersion}\n`;
}

/** Errors in kubectl's words. */
function describe(error: unknown, server: string): string {
  if (error instanceof ApiError && error.code < 500) return `Error from server (${error.reason}): ${error.message}`;
  if (error instanceof ApiError) return `Error from server: ${error.message}`;
  const { host } = new URL(server);
  if (codeOf(error) === "ECONNREFUSED") {
    return `The connection to the server ${host} was refused - did you specify the right host or port?`;
  }
  if (codeOf(error) === undefined) return `error: ${messageOf(error)}`;
  return `Unable to connect to the server: ${messageOf(error)}`;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

void runCommand("kubectl", main);
