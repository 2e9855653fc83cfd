import { setTimeout as delay } from "node:timers/promises";
import { CreateHostedZoneCommand, Route53Client } from "@aws-sdk/client-route-53";
import * as z from "zod";
import { ApiClient } from "../../client/api-client.ts";
import { apiTarget } from "../../client/api-target.ts";
import { FleetViewSchema } from "../../functions/domain/api/fleet-views.ts";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { buildIfStale } from "../../local/cloud/build-if-stale.ts";
import { Internet } from "../../local/cloud/internet.ts";
import { sharedCompileCache } from "../../local/cloud/workspace.ts";
import { type LocalCloud, startLocalCloud } from "../../local/cloud.ts";
import { holdfast } from "./command-line.ts";
import { clientOf, createIngress } from "./ingress.ts";
import { allHeld, newObservations, type Observations } from "./observations.ts";

const HOST = "app.example.com";
const ORGANIZATION = "o-demo";
const WEST = { name: "west.example.com", zone: "us-west-2a", region: "us-west-2", accountId: "111111111111" };
const EAST = { name: "east.example.com", zone: "us-east-1a", region: "us-east-1", accountId: "222222222222" };
const LIMIT_MS = 60_000;
const EXPECTED = [
  "clustersActive",
  "endpointJoined",
  "nameLedToEast",
  "eastIsGone",
  "nameLeadsToWest",
  "fleetShowsEastUnknown",
  "fleetShowsWestActive",
];

/** One Region with a Holdfast and a cluster. */
interface Site {
  readonly cloud: LocalCloud;
  /** Of who types commands there. */
  readonly environment: NodeJS.ProcessEnv;
}

interface Demo {
  readonly seen: Observations;
  readonly say: (line: string) => void;
  /** A command as a person types it, whose output is shown. */
  readonly run: (site: Site, ...words: readonly string[]) => Promise<boolean>;
  readonly cleanup: AsyncDisposableStack;
}

/** Two clusters in two Regions; one Region dies whole, and the fleet's name leads to the other. */
export async function runFleetDemo({ json }: { json: boolean }): Promise<number> {
  const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
  const seen = newObservations(`${EAST.name}, ${WEST.name}`);
  const run: Demo["run"] = async ({ environment }, ...words) => {
    say(`\n$ holdfast ${words.join(" ")}`);
    return (await holdfast(words, environment, json)) === 0;
  };
  const cleanup = new AsyncDisposableStack();
  try {
    await demonstrate({ seen, say, run, cleanup });
  } catch (error) {
    say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await cleanup.disposeAsync();
  }
  const held = allHeld(seen, EXPECTED);
  if (json) process.stdout.write(`${JSON.stringify({ ok: held, ...seen }, undefined, 2)}\n`);
  else summary(seen, held, say);
  return held ? 0 : 1;
}

async function demonstrate(demo: Demo): Promise<void> {
  const { seen, say, run } = demo;
  const { west, east, closeEast } = await startSites(demo);
  await createClusters(demo, { west, east });
  seen.checks["endpointJoined"] = await run(
    east,
    ...["fleet", "join", "east", "--hub", west.cloud.endpoints.api, "--region", EAST.region],
    ...["--role", String(east.cloud.stack.outputs["HubAccessRoleArn"]), "--yes"],
  );
  const clusters = `east/${EAST.name},${WEST.name}`;
  await run(west, "fleet", "create", "pair", "--clusters", clusters, "--yes");
  await run(west, "fleet", "dns", "pair", "--host", HOST, "--primary", EAST.name, "--yes");
  const leadsTo = () => west.cloud.services.route53.resolve(HOST).target;
  seen.checks["nameLedToEast"] = await until(() => leadsTo()?.startsWith("east") === true);
  say(`\n${HOST} leads to ${leadsTo()}. Now the whole Region ${EAST.region} is gone.`);

  const lostAt = Date.now();
  await closeEast();
  seen.checks["eastIsGone"] = await fetch(east.cloud.endpoints.api).then(
    () => false,
    () => true,
  );
  seen.checks["nameLeadsToWest"] = await until(() => leadsTo()?.startsWith("west") === true);
  seen.durations["movedAfter"] = Date.now() - lostAt;
  say(`After ${seconds(seen.durations["movedAfter"])} ${HOST} leads to ${leadsTo()}.`);
  const api = new ApiClient(apiTarget(west.environment));
  const fleet = await api.get("/fleets/pair?fresh=true", FleetViewSchema);
  const statusOf = (name: string) => fleet.clusters.find((each) => each.name === name)?.status;
  seen.checks["fleetShowsEastUnknown"] = statusOf(EAST.name) === "UNKNOWN";
  seen.checks["fleetShowsWestActive"] = statusOf(WEST.name) === "ACTIVE";
  await run(west, "fleet", "get", "pair");
  await run(west, "fleet", "dns", "pair");
}

/** The hub in the west, and in the east a Holdfast that lets it in. */
async function startSites({ seen, say, cleanup }: Demo) {
  const { cdkOut } = await buildIfStale(say, new AbortController().signal);
  const started = Date.now();
  const internet = new Internet();
  const compileCache = sharedCompileCache();
  const start = async ({ region, accountId }: typeof WEST, parameters: Readonly<Record<string, string>>) =>
    startLocalCloud({
      ...{ cdkOut, region, accountId, parameters, internet, organizationId: ORGANIZATION },
      ...{ port: 0, hosts: "simulated", workflowSpeed: 20 },
      ...(compileCache !== undefined && { compileCache }),
    });
  const west = await start(WEST, { FleetOrganization: ORGANIZATION });
  cleanup.defer(() => west.close());
  const { HubRoleArn, HubBusArn } = west.stack.outputs;
  const east = await start(EAST, {
    HubRole: String(HubRoleArn),
    HubBus: String(HubBusArn),
    HubGrant: "operator",
  });
  let isOpen = true;
  const closeEast = async (): Promise<void> => {
    if (isOpen) await east.close();
    isOpen = false;
  };
  cleanup.defer(closeEast);
  seen.durations["localCloudsReady"] = Date.now() - started;
  say(`Two local clouds are ready (${seconds(seen.durations["localCloudsReady"])}), with simulated hosts.`);
  say(`The console of the hub: ${west.endpoints.console}`);
  const environment = { ...process.env, HOLDFAST_API: west.endpoints.api };
  const token = await tokenOf(east);
  return {
    west: { cloud: west, environment },
    east: { cloud: east, environment: { ...process.env, HOLDFAST_API: east.endpoints.api, HOLDFAST_TOKEN: token } },
    closeEast,
  };
}

async function createClusters({ seen, run }: Demo, { west, east }: { west: Site; east: Site }): Promise<void> {
  const started = Date.now();
  const zone = new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "demo" });
  await new Route53Client(clientOf(west.cloud.endpoints)).send(zone);
  const create = async (site: Site, { name, zone: where }: typeof WEST): Promise<boolean> => {
    const small = ["--node-count", "0", "--backup-interval", "0"];
    const isDone = await run(site, "create", "cluster", "--zones", where, ...small, name, "--yes", "--wait");
    const view = await new ApiClient(apiTarget(site.environment)).get(`/clusters/${name}`, ClusterViewSchema);
    await createIngress(site.cloud.endpoints, view);
    return isDone && view.status === "ACTIVE";
  };
  const created = await Promise.all([create(west, WEST), create(east, EAST)]);
  seen.durations["clustersCreated"] = Date.now() - started;
  seen.checks["clustersActive"] = created.every(Boolean);
}

/** Signatures are for one Region: the commands' local one is that of the hub. */
async function tokenOf({ endpoints }: LocalCloud): Promise<string> {
  const answer = await fetch(`${endpoints.api}/_issuer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ subject: "demo", lifetime: 3_600, claims: { holdfast_role: "admin" } }),
  });
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}

async function until(holds: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; ) {
    if (holds()) return true;
    await delay(100);
  }
  return holds();
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function summary({ checks, durations }: Observations, held: boolean, say: (line: string) => void): void {
  say("\nSeen:");
  for (const name of EXPECTED) say(`  ${checks[name] ? "✓" : "✗"} ${name.replaceAll(/([A-Z])/g, " $1").toLowerCase()}`);
  for (const [name, ms] of Object.entries(durations))
    say(`${name.replaceAll(/([A-Z])/g, " $1").toLowerCase()}: ${seconds(ms)}`);
  say(held ? "\nA Region died whole, and the fleet's name leads to the other." : "\nNot everything was seen.");
}
