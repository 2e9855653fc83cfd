import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { MountLoss } from "./mount-table.ts";
import { Mounts } from "./mounts.ts";
import { Service } from "./service.ts";
import { loadUnit, mountPointOf, type UnitFile, unitName } from "./unit-file.ts";

const administratorDirectory = "/etc/systemd/system";
/** What a booted machine has reached; units wanted by these are started at boot. */
const bootTargets = ["sysinit.target", "basic.target", "network-online.target", "multi-user.target", "default.target"];

/** Says why a verb of systemctl could not be executed. */
export class UnitError extends Error {}

/** A start that is under way: it may wait long for what it needs, and a stop ends it. */
interface StartJob {
  canceled: boolean;
  readonly done: Promise<void>;
}

/**
 * All units of a host: loads them on demand, starts and stops them in order, keeps what is enabled in /etc as systemd
 * does.
 */
export class UnitManager {
  readonly mounts: Mounts;
  readonly #services = new Map<string, Service>();
  readonly #starting = new Map<string, StartJob>();
  readonly #writeConsole: (text: string) => void;

  constructor(writeConsole: (text: string) => void) {
    this.#writeConsole = writeConsole;
    this.mounts = new Mounts((line) => this.#log(line));
  }

  /** The service's present state, if it was ever loaded since boot. */
  find(name: string): Service | undefined {
    return this.#services.get(unitName(name));
  }

  /** Reads changed unit files again. */
  reload(): void {
    for (const service of this.#services.values()) {
      const unit = loadUnit(service.name);
      if (unit && !unit.masked) service.reload(unit);
    }
  }

  async startEnabled(): Promise<void> {
    const names = new Set(bootTargets.flatMap((target) => this.#wantedBy(target)));
    await Promise.all(
      [...names].map((name) =>
        this.#startOrdered(name, names).catch((error: unknown) => this.#log(`${name}: ${String(error)}`)),
      ),
    );
  }

  /** Starts a unit after what it requires and wants. A target is reached when its wants are started. */
  async start(name: string): Promise<void> {
    await this.#startOrdered(unitName(name), new Set([unitName(name)]));
  }

  async stop(name: string): Promise<void> {
    const unit = unitName(name);
    if (!this.#services.has(unit) && loadUnit(unit) === undefined) throw notLoaded(unit);
    const job = this.#starting.get(unit);
    if (job) job.canceled = true;
    this.#starting.delete(unit);
    await this.#services.get(unit)?.stop();
  }

  /** Stops, for as long as the host runs, what is bound to a mount that is gone. */
  async watchMounts(): Promise<never> {
    return await this.mounts.watch(async (loss) => {
      const bound = [...this.#services.values()].filter(({ unit }) => isBoundTo(unit, loss));
      // Not a start that waits for the mount to come back.
      await Promise.all(bound.map((service) => service.stop()));
    });
  }

  /**
   * At shutdown: the service that was loaded last stops first, so that a client is gone before what it uses; as systemd
   * does where units are ordered.
   */
  async stopAll(): Promise<void> {
    for (const service of [...this.#services.values()].reverse()) await service.stop();
  }

  /** Links a unit below the targets that its `[Install]` section names. */
  enable(name: string): string {
    const unit = this.#loaded(name);
    const links = installLinks(unit);
    for (const link of links.filter((path) => !existsSync(path))) {
      mkdirSync(join(link, ".."), { recursive: true });
      symlinkSync(unit.path, link);
    }
    if (links.length > 0) return links.map((link) => `Created symlink ${link} → ${unit.path}.\n`).join("");
    return `The unit ${unit.name} has no installation config (WantedBy=): it is static.\n`;
  }

  disable(name: string): void {
    for (const link of installLinks(this.#loaded(name))) rmSync(link, { force: true });
  }

  mask(name: string): void {
    const path = join(administratorDirectory, unitName(name));
    if (existsSync(path)) throw new UnitError(`Failed to mask unit: File ${path} already exists.`);
    mkdirSync(administratorDirectory, { recursive: true });
    symlinkSync("/dev/null", path);
  }

  unmask(name: string): void {
    if (loadUnit(unitName(name))?.masked) rmSync(join(administratorDirectory, unitName(name)));
  }

  /** `enabled`, `disabled`, `static` or `masked`; undefined if there is no such unit. */
  enablement(name: string): string | undefined {
    const unit = loadUnit(unitName(name));
    if (!unit) return undefined;
    if (unit.masked) return "masked";
    const links = installLinks(unit);
    if (links.length === 0) return "static";
    return links.some((link) => existsSync(link)) ? "enabled" : "disabled";
  }

  services(): readonly Service[] {
    return [...this.#services.values()];
  }

  async #startOrdered(name: string, transaction: ReadonlySet<string>): Promise<void> {
    const running = this.#starting.get(name);
    if (running) return await running.done;
    const { promise, resolve } = Promise.withResolvers<void>();
    const job: StartJob = { canceled: false, done: promise };
    this.#starting.set(name, job);
    resolve(
      this.#startOne(name, transaction, job).finally(() => {
        if (this.#starting.get(name) === job) this.#starting.delete(name);
      }),
    );
    return await promise;
  }

  async #startOne(name: string, transaction: ReadonlySet<string>, job: StartJob): Promise<void> {
    if (name.endsWith(".target")) return await this.#startTarget(name, transaction);
    if (!name.endsWith(".service")) throw new UnitError(`${name}: units of this kind are not emulated on local hosts.`);
    const unit = this.#loaded(name);
    await this.#startNeeded(unit, transaction);
    if (job.canceled) throw new UnitError(`Job for ${name} canceled.`);
    const unmet = unit.values("Unit.ConditionPathExists").find((condition) => !isMet(condition));
    if (unmet === undefined) await this.#service(unit).start();
    else this.#log(`${name} was skipped because of an unmet condition check (ConditionPathExists=${unmet}).`);
  }

  /** Starts what a unit requires and wants, and waits for what it comes after. */
  async #startNeeded(unit: UnitFile, transaction: ReadonlySet<string>): Promise<void> {
    const required = namesIn(unit, ["Unit.Requires", "Unit.BindsTo"]);
    const dependencies = [...required, ...namesIn(unit, ["Unit.Wants"])].filter(isOwnService);
    const earlier = namesIn(unit, ["Unit.After"]).filter(
      (other) => transaction.has(other) || dependencies.includes(other),
    );
    for (const other of new Set([...earlier, ...dependencies])) {
      const start = this.#startOrdered(other, transaction);
      if (required.includes(other)) await start;
      else await start.catch((error: unknown) => this.#log(String(error)));
    }
    const mountPoints = required.flatMap((other) => mountPointOf(other) ?? []);
    for (const path of [...mountPoints, ...namesIn(unit, ["Unit.RequiresMountsFor"])]) await this.mounts.require(path);
  }

  async #startTarget(name: string, transaction: ReadonlySet<string>): Promise<void> {
    const names = this.#wantedBy(name);
    await Promise.all(names.map((wanted) => this.#startOrdered(wanted, new Set([...transaction, ...names]))));
  }

  #service(unit: UnitFile): Service {
    const known = this.#services.get(unit.name);
    if (known) {
      known.reload(unit);
      return known;
    }
    const service = new Service(unit, { report: (line) => this.#log(line), writeConsole: this.#writeConsole }, () =>
      this.start(unit.name),
    );
    this.#services.set(unit.name, service);
    return service;
  }

  #loaded(name: string): UnitFile {
    const unit = loadUnit(unitName(name));
    if (!unit) throw notLoaded(unitName(name));
    if (unit.masked) throw new UnitError(`Unit ${unit.name} is masked.`);
    return unit;
  }

  #wantedBy(target: string): string[] {
    const directory = join(administratorDirectory, `${target}.wants`);
    return existsSync(directory) ? readdirSync(directory) : [];
  }

  #log(line: string): void {
    this.#writeConsole(`systemd: ${line}\n`);
  }
}

function notLoaded(unit: string): UnitError {
  return new UnitError(`Unit ${unit} not found.`);
}

/** Targets and mounts of the machine itself are always reached; only services are started for a dependency. */
function isOwnService(name: string): boolean {
  return name.endsWith(".service") && loadUnit(name) !== undefined;
}

/**
 * BindsTo= ends with its mount however that ends. RequiresMountsFor= and Requires= end when the mount is stopped, as it
 * is when its device is gone, and not when somebody unmounts it (systemd.unit(5)).
 */
function isBoundTo(unit: UnitFile, { target, what }: MountLoss): boolean {
  const names = namesIn(unit, what === "device-gone" ? ["Unit.BindsTo", "Unit.Requires"] : ["Unit.BindsTo"]);
  const paths = what === "device-gone" ? namesIn(unit, ["Unit.RequiresMountsFor"]) : [];
  return (
    names.some((name) => mountPointOf(name) === target) ||
    paths.some((path) => path === target || path.startsWith(`${target}/`))
  );
}

/** A path that must exist, or with `!` must not. */
function isMet(condition: string): boolean {
  return condition.startsWith("!") ? !existsSync(condition.slice(1)) : existsSync(condition);
}

function namesIn(unit: UnitFile, keys: readonly string[]): string[] {
  return keys.flatMap((key) => unit.values(key)).flatMap((line) => line.split(/\s+/));
}

function installLinks(unit: UnitFile): string[] {
  const wants = namesIn(unit, ["Install.WantedBy"]).map((target) => `${target}.wants`);
  const requires = namesIn(unit, ["Install.RequiredBy"]).map((target) => `${target}.requires`);
  return [...wants, ...requires].map((directory) => join(administratorDirectory, directory, unit.name));
}
