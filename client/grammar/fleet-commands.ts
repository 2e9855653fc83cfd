import { type Command as CommanderCommand, Option } from "commander";
import type { FleetPolicy } from "../../functions/domain/fleet/fleet-records.ts";
import type { OutputFormat, Sink } from "./command.ts";
import { addEndpoints } from "./endpoint-commands.ts";
import { addFleetDns } from "./fleet-dns-command.ts";
import { addFleetRegister } from "./fleet-register-command.ts";
import { counted, LIST_FORMATS, listed, minutes, outputOption } from "./options.ts";
import { addRollout } from "./rollout-commands.ts";

export function addFleet(program: CommanderCommand, sink: Sink): void {
  const fleet = program.command("fleet").description("several clusters as one: create, show, change, roll out");
  addChange(fleet, sink, "create", "name several clusters as one; no cluster is touched");
  addChange(fleet, sink, "update", "change which clusters a fleet has, or what they must have");
  fleet
    .command("get")
    .description("fleets, or one of them with its clusters")
    .argument("[NAME]")
    .addOption(outputOption(LIST_FORMATS))
    .action((name: string | undefined, { output }: ListOptions) => sink.command(getFleets(name, output)));
  fleet
    .command("delete")
    .description("delete a fleet; its clusters stay as they are")
    .argument("<NAME>")
    .option("-y, --yes", "do it")
    .addOption(outputOption())
    .action((name: string, { yes, output }: { yes?: true; output: OutputFormat }) =>
      sink.command({ kind: "delete-fleet", fleet: name, yes: yes ?? false, output }),
    );
  addEndpoints(fleet, sink);
  addFleetDns(fleet, sink);
  addFleetRegister(fleet, sink);
  addRollout(fleet, sink);
}

export function addGetFleets(get: CommanderCommand, sink: Sink): void {
  get
    .command("fleets")
    .alias("fleet")
    .description("fleets, or one of them with its clusters")
    .argument("[NAME]")
    .addOption(outputOption(LIST_FORMATS))
    .action((name: string | undefined, { output }: ListOptions) => sink.command(getFleets(name, output)));
}

export function addValidateFleet(validate: CommanderCommand, sink: Sink): void {
  validate
    .command("fleet")
    .description("succeeds only when every cluster of a fleet is healthy and as its policy asks")
    .argument("<NAME>")
    .addOption(outputOption())
    .action((name: string, { output }: { output: OutputFormat }) =>
      sink.command({ kind: "validate-fleet", fleet: name, output }),
    );
}

interface ListOptions {
  readonly output: OutputFormat | "wide";
}

function getFleets(name: string | undefined, output: OutputFormat | "wide") {
  const wide = output === "wide" ? { wide: true as const } : {};
  return { kind: "get-fleets" as const, fleet: name ?? null, output: output === "wide" ? "table" : output, ...wide };
}

function addChange(fleet: CommanderCommand, sink: Sink, verb: "create" | "update", description: string): void {
  fleet
    .command(verb)
    .description(`${description}; without --yes, show what it would be and change nothing`)
    .argument("<NAME>")
    .addOption(new Option("--clusters <list>", "its clusters by name: a,b").argParser(listed).conflicts("selector"))
    .option("-l, --selector <selector>", "the labels of its clusters: env=prod,tier in (1,2),!legacy")
    .option("--minimum-version <version>", "oldest version of Kubernetes that is allowed, such as 1.36")
    .option("--backup-interval <time>", "longest time from one backup to the next, such as 1h", minutes)
    .addOption(new Option("--drill <when>", "how often a backup must be proven").choices(["weekly"]))
    .addOption(
      new Option("--enforce <what>", "settings to change where they are against the policy").choices([
        "backup",
        "nothing",
      ]),
    )
    .option("--minimum-masters <number>", "least number of masters", counted)
    .option("--minimum-zones <number>", "least number of zones with a master", counted)
    .option("--strategy <file>", "how its roll-outs go: a YAML file with stages")
    .option("-y, --yes", "do it")
    .addOption(outputOption())
    .action((name: string, options: ChangeOptions) =>
      sink.command({
        kind: `${verb}-fleet`,
        fleet: name,
        clusters: options.clusters ?? null,
        selector: options.selector ?? null,
        policy: policyOf(options),
        filename: options.strategy ?? null,
        yes: options.yes ?? false,
        output: options.output,
      }),
    );
}

interface ChangeOptions {
  readonly clusters?: readonly string[];
  readonly selector?: string;
  readonly minimumVersion?: string;
  readonly backupInterval?: number;
  readonly drill?: "weekly";
  readonly enforce?: "backup" | "nothing";
  readonly minimumMasters?: number;
  readonly minimumZones?: number;
  readonly strategy?: string;
  readonly yes?: true;
  readonly output: OutputFormat;
}

function policyOf(options: ChangeOptions): FleetPolicy {
  const { minimumVersion, backupInterval, drill, enforce, minimumMasters, minimumZones } = options;
  const backup = {
    ...(backupInterval === undefined ? {} : { intervalMinutes: backupInterval }),
    ...(drill === undefined ? {} : { drill }),
  };
  return {
    ...(minimumVersion === undefined ? {} : { kubernetes: { minimum: minimumVersion } }),
    ...(Object.keys(backup).length === 0 ? {} : { backup }),
    ...(minimumMasters === undefined ? {} : { masters: { minimum: minimumMasters } }),
    ...(minimumZones === undefined ? {} : { spread: { zones: minimumZones } }),
    ...(enforce === undefined ? {} : { enforce: enforce === "nothing" ? [] : [enforce] }),
  };
}
