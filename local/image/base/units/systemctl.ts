import { UnitError, type UnitManager } from "./manager.ts";
import type { Service } from "./service.ts";
import { loadUnit, mountPointOf, unitName } from "./unit-file.ts";

/** What a command prints and its exit status. Text of a failure that is not an answer goes to standard error. */
export interface CommandAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Verb = (units: UnitManager, names: readonly string[], flags: readonly string[]) => Promise<CommandAnswer>;

const verbs: Readonly<Record<string, Verb>> = {
  "daemon-reload": async (units) => {
    units.reload();
    return ok();
  },
  start: async (units, names, flags) => await job(flags, () => each(names, (name) => units.start(name))),
  stop: async (units, names, flags) => await job(flags, () => each(names, (name) => units.stop(name))),
  restart: async (units, names, flags) => await job(flags, () => each(names, (name) => restart(units, name))),
  "reload-or-restart": async (units, names) => await each(names, (name) => restart(units, name)),
  "try-restart": async (units, names) =>
    await each(
      names.filter((name) => isRunning(units.find(name))),
      (name) => restart(units, name),
    ),
  enable: async (units, names, flags) => {
    const text = names.map((name) => units.enable(name)).join("");
    const answer = flags.includes("--now") ? await job(flags, () => each(names, (name) => units.start(name))) : ok();
    return { ...answer, stderr: text + answer.stderr };
  },
  disable: async (units, names, flags) => {
    for (const name of names) units.disable(name);
    return flags.includes("--now") ? await each(names, (name) => units.stop(name)) : ok();
  },
  mask: async (units, names, flags) => {
    if (flags.includes("--now")) await each(names, (name) => units.stop(name));
    for (const name of names) units.mask(name);
    return ok();
  },
  unmask: async (units, names) => {
    for (const name of names) units.unmask(name);
    return ok();
  },
  "reset-failed": async (units, names) => {
    const services = names.length > 0 ? names.map((name) => units.find(name)) : units.services();
    for (const service of services) service?.resetFailed();
    return ok();
  },
  "is-active": async (units, names) =>
    states(
      names.map((name) => units.find(name)?.state ?? "inactive"),
      "active",
      3,
    ),
  "is-failed": async (units, names) =>
    states(
      names.map((name) => units.find(name)?.state ?? "inactive"),
      "failed",
      1,
    ),
  "is-enabled": async (units, names) =>
    states(
      names.map((name) => units.enablement(name) ?? "not-found"),
      /^(enabled|static)$/,
      1,
    ),
  status: async (units, names) => status(units, names),
  show: async (units, names, flags) => show(units, names, flags),
  "list-units": async (units) =>
    ok(
      units
        .services()
        .map((service) => `${service.name} loaded ${service.state} ${subState(service)}\n`)
        .join(""),
    ),
};

/** Executes one command line of `systemctl`. A verb that the stand-in does not know is an error that says so. */
export async function systemctl(units: UnitManager, args: readonly string[]): Promise<CommandAnswer> {
  const words = args.filter((arg) => !arg.startsWith("-"));
  const flags = args.filter((arg) => arg.startsWith("-"));
  const [name = "list-units", ...names] = separateProperties(words, args);
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) return failed(1, `systemctl ${name} is not emulated on local hosts.`);
  try {
    const answer = await verb(units, names, flags.concat(properties(args)));
    return flags.includes("--quiet") || flags.includes("-q") ? { ...answer, stdout: "" } : answer;
  } catch (error) {
    if (error instanceof UnitError) return failed(5, error.message);
    return failed(1, error instanceof Error ? error.message : String(error));
  }
}

/** `-p NAME` is written with a blank as often as `--property=NAME`; its value is no unit. */
function separateProperties(words: readonly string[], args: readonly string[]): string[] {
  const values = new Set(args.filter((_, index) => takesValue(args[index - 1])));
  return words.filter((word) => !values.has(word));
}

function properties(args: readonly string[]): string[] {
  return args.filter((_, index) => takesValue(args[index - 1])).map((value) => `--property=${value}`);
}

function takesValue(flag: string | undefined): boolean {
  return ["-p", "--property", "-n", "--lines"].includes(flag ?? "");
}

async function restart(units: UnitManager, name: string): Promise<void> {
  await units.stop(name);
  await units.start(name);
}

/** Waits for a job, or with `--no-block` leaves it to itself. */
async function job(flags: readonly string[], run: () => Promise<CommandAnswer>): Promise<CommandAnswer> {
  const running = run();
  if (!flags.includes("--no-block")) return await running;
  running.catch(() => undefined);
  return ok();
}

async function each(names: readonly string[], action: (name: string) => Promise<void>): Promise<CommandAnswer> {
  const outcomes = await Promise.allSettled(names.map(action));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure) throw failure.reason;
  return ok();
}

function states(values: readonly string[], wanted: string | RegExp, otherwise: number): CommandAnswer {
  const matches = values.some((value) => (typeof wanted === "string" ? value === wanted : wanted.test(value)));
  return { code: matches ? 0 : otherwise, stdout: values.map((value) => `${value}\n`).join(""), stderr: "" };
}

function status(units: UnitManager, names: readonly string[]): CommandAnswer {
  const missing = names.find((name) => loadUnit(unitName(name)) === undefined);
  if (missing) return failed(4, `Unit ${unitName(missing)} could not be found.`);
  const text = names.map((name) => {
    const service = units.find(name);
    const state = service?.state ?? "inactive";
    const pid = service?.mainPid ? `\n   Main PID: ${service.mainPid}` : "";
    return `● ${unitName(name)}\n     Loaded: loaded (${loadUnit(unitName(name))?.path}; ${units.enablement(name)})\n     Active: ${state} (${subState(service)})${pid}\n`;
  });
  return { code: names.every((name) => isRunning(units.find(name))) ? 0 : 3, stdout: text.join("\n"), stderr: "" };
}

function show(units: UnitManager, names: readonly string[], flags: readonly string[]): CommandAnswer {
  const wanted = flags.flatMap((flag) => /^--property=(.*)$/.exec(flag)?.[1]?.split(",") ?? []);
  const blocks = names.map((name) => {
    const service = units.find(name);
    const unit = loadUnit(unitName(name));
    const mountPoint = mountPointOf(unitName(name));
    const values: Record<string, string> = {
      Id: unitName(name),
      LoadState: unit ? (unit.masked ? "masked" : "loaded") : "not-found",
      ActiveState: service?.state ?? "inactive",
      SubState: subState(service),
      Result: service?.result ?? "success",
      MainPID: String(service?.mainPid ?? 0),
      NRestarts: String(service?.restarts ?? 0),
      UnitFileState: units.enablement(name) ?? "",
      FragmentPath: unit?.path ?? "",
      ...(mountPoint && { ActiveEnterTimestampMonotonic: String(units.mounts.enteredAt(mountPoint)) }),
    };
    const shown = Object.entries(values).filter(([key]) => wanted.length === 0 || wanted.includes(key));
    const valueOnly = flags.includes("--value");
    return shown.map(([key, value]) => (valueOnly ? `${value}\n` : `${key}=${value}\n`)).join("");
  });
  return ok(blocks.join("\n"));
}

function subState(service: Service | undefined): string {
  if (service?.state === "active") return service.mainPid ? "running" : "exited";
  return service?.state === undefined || service.state === "inactive" ? "dead" : service.state;
}

function isRunning(service: Service | undefined): boolean {
  return service?.state === "active" || service?.state === "activating";
}

function ok(stdout = ""): CommandAnswer {
  return { code: 0, stdout, stderr: "" };
}

function failed(code: number, message: string): CommandAnswer {
  return { code, stdout: "", stderr: `${message}\n` };
}
