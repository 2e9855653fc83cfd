import { type Command as CommanderCommand, Option } from "commander";
import { TRAFFIC_POLICIES } from "../../functions/domain/traffic/traffic-records.ts";
import type { Sink } from "./command.ts";
import type { FleetDns } from "./fleet-command.ts";
import { counted, outputOption } from "./options.ts";
import type { OutputFormat } from "./output-formats.ts";

interface DnsOptions {
  readonly host?: string;
  readonly policy: (typeof TRAFFIC_POLICIES)[number];
  readonly check: string;
  readonly ttl?: number;
  readonly service?: string;
  readonly primary?: string;
  readonly remove?: true;
  readonly yes?: true;
  readonly output: OutputFormat;
}

export function addFleetDns(fleet: CommanderCommand, sink: Sink): void {
  fleet
    .command("dns")
    .description("a public name that leads to the clusters that are healthy; without --host, show it as it is")
    .argument("<NAME>")
    .option("--host <name>", "the public name, in a hosted zone of this account: app.example.com")
    .addOption(new Option("--policy <policy>", "how a cluster is chosen").choices(TRAFFIC_POLICIES).default("failover"))
    .option("--check <check>", "what Route 53 asks each cluster: https:/healthz, http:8080/, tcp:443", "https:/healthz")
    .option("--ttl <seconds>", "how long clients keep an answer (60, as load balancers do)", counted)
    .option("--service <namespace/name>", "the service of type LoadBalancer, if a cluster has several")
    .option("--primary <cluster>", "who answers while it is healthy (the first by name)")
    .addOption(new Option("--remove", "take the name away, with its health checks").conflicts("host"))
    .option("-y, --yes", "do it")
    .addOption(outputOption())
    .action((name: string, options: DnsOptions) => sink.command(commandOf(name, options)));
}

function commandOf(fleet: string, options: DnsOptions): FleetDns {
  const { host, policy, check, ttl, service, primary, remove = false, yes = false, output } = options;
  const more = {
    ...(ttl === undefined ? {} : { ttl }),
    ...(service === undefined ? {} : { service }),
    ...(primary === undefined ? {} : { primary }),
  };
  const wanted = host === undefined ? null : { host, policy, check, ...more };
  return { kind: "fleet-dns", fleet, wanted, remove, yes, output };
}
