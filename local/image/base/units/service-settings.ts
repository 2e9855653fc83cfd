import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { environment, parseEnvironmentFile } from "../environment.ts";
import { type CommandLine, expandSpecifiers, parseCommandLine, parseTimeSpan, splitWords } from "./command-line.ts";
import type { UnitFile } from "./unit-file.ts";

/** What the stand-in for systemd obeys of a `[Service]` section. Defaults are those of systemd.service(5). */
export interface ServiceSettings {
  readonly type: "simple" | "oneshot";
  readonly remainAfterExit: boolean;
  readonly restart: "no" | "always" | "on-failure" | "on-success";
  readonly restartMs: number;
  readonly stopMs: number;
  /** It is ended, and has failed, when it runs longer. */
  readonly maxRunMs: number;
  /** More than `burst` starts within `windowMs` end in `failed`. */
  readonly startLimit: { readonly burst: number; readonly windowMs: number };
  readonly startPre: readonly CommandLine[];
  readonly start: readonly CommandLine[];
  readonly startPost: readonly CommandLine[];
  readonly stop: readonly CommandLine[];
  readonly stopPost: readonly CommandLine[];
  readonly workingDirectory: string;
  /** Its output goes to the console, too. */
  readonly console: boolean;
}

/**
 * Reads a unit's settings. `Type=notify` and `Type=exec` count as `simple`: active as soon as the program runs, because Node
 * cannot receive the datagrams of sd_notify. Throws for a type that is not emulated.
 */
export function serviceSettings(unit: UnitFile): ServiceSettings {
  const commands = (key: string): CommandLine[] =>
    unit.values(`Service.${key}`).map((line) => parseCommandLine(expandSpecifiers(line, unit.name, hostname())));
  const directory = unit.value("Service.WorkingDirectory")?.replace(/^-/, "") ?? "/";
  return {
    type: serviceType(unit),
    remainAfterExit: isTrue(unit.value("Service.RemainAfterExit")),
    restart: restartPolicy(unit),
    restartMs: span(unit.value("Service.RestartSec"), 100),
    stopMs: span(unit.value("Service.TimeoutStopSec") ?? unit.value("Service.TimeoutSec"), 90_000),
    maxRunMs: span(unit.value("Service.RuntimeMaxSec"), Number.POSITIVE_INFINITY),
    startLimit: {
      burst: Number(unit.value("Unit.StartLimitBurst") ?? unit.value("Service.StartLimitBurst") ?? 5),
      windowMs: span(unit.value("Unit.StartLimitIntervalSec") ?? unit.value("Service.StartLimitInterval"), 10_000),
    },
    startPre: commands("ExecStartPre"),
    start: commands("ExecStart"),
    startPost: commands("ExecStartPost"),
    stop: commands("ExecStop"),
    stopPost: commands("ExecStopPost"),
    console: /console$/.test(unit.value("Service.StandardOutput") ?? ""),
    workingDirectory: directory === "~" ? "/root" : directory,
  };
}

/** The environment of a service: the image's, then `Environment=`, then `EnvironmentFile=` (a leading `-` allows absence). */
export async function serviceEnvironment(unit: UnitFile): Promise<Record<string, string>> {
  const values = await environment();
  const assignments = unit
    .values("Service.Environment")
    .flatMap((line) => splitWords(expandSpecifiers(line, unit.name, hostname())));
  for (const assignment of assignments) {
    const equals = assignment.indexOf("=");
    if (equals > 0) values[assignment.slice(0, equals)] = assignment.slice(equals + 1);
  }
  for (const file of unit.values("Service.EnvironmentFile")) {
    const path = expandSpecifiers(file.replace(/^-/, ""), unit.name, hostname());
    const content = file.startsWith("-") ? await readFile(path, "utf8").catch(() => "") : await readFile(path, "utf8");
    Object.assign(values, parseEnvironmentFile(content));
  }
  return values;
}

function serviceType(unit: UnitFile): ServiceSettings["type"] {
  const type = unit.value("Service.Type") ?? (unit.value("Service.ExecStart") === undefined ? "oneshot" : "simple");
  if (type === "oneshot") return "oneshot";
  if (["simple", "exec", "notify", "notify-reload", "idle"].includes(type)) return "simple";
  throw new Error(`${unit.name}: Type=${type} is not emulated on local hosts`);
}

function restartPolicy(unit: UnitFile): ServiceSettings["restart"] {
  const policy = unit.value("Service.Restart") ?? "no";
  if (policy === "no" || policy === "always" || policy === "on-failure" || policy === "on-success") return policy;
  if (["on-abnormal", "on-abort", "on-watchdog"].includes(policy)) return "on-failure";
  throw new Error(`${unit.name}: Restart=${policy} is not a policy of systemd`);
}

function isTrue(value: string | undefined): boolean {
  return ["yes", "true", "on", "1"].includes(value ?? "");
}

function span(value: string | undefined, otherwise: number): number {
  return value === undefined ? otherwise : (parseTimeSpan(value) ?? otherwise);
}
