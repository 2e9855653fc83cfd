import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Where units are looked for, first match wins. The image's own are the union of `local/image/*` + "/units". */
export const unitDirectories = ["/etc/systemd/system", "/run/systemd/system", "/opt/image/units"] as const;

/** A unit as its file and drop-ins declare it. Values keep the order of the file; an empty assignment resets a list. */
export interface UnitFile {
  readonly name: string;
  readonly path: string;
  readonly masked: boolean;
  /** All values of `Section.Key`, e.g. `Service.ExecStart`. */
  values(key: string): readonly string[];
  /** The last value of `Section.Key`: what counts for a key that takes one value. */
  value(key: string): string | undefined;
}

/** Reads a unit; undefined if no directory has it. */
export function loadUnit(name: string): UnitFile | undefined {
  const path = findUnit(name);
  if (path === undefined) return undefined;
  const masked = isMasked(path);
  const settings = new Map<string, string[]>();
  if (!masked) for (const file of [path, ...dropIns(name)]) parseInto(settings, readFileSync(file, "utf8"));
  const values = (key: string): readonly string[] => settings.get(key) ?? [];
  return { name, path, masked, values, value: (key) => values(key).at(-1) };
}

/** `etcd` becomes `etcd.service`, as every systemd tool accepts. */
export function unitName(name: string): string {
  return /\.(service|target|timer|socket|mount|path)$/.test(name) ? name : `${name}.service`;
}

/** `var-lib-etcd.mount` is the unit of /var/lib/etcd; undefined for a unit that is no mount (systemd.unit(5), "String escaping"). */
export function mountPointOf(name: string): string | undefined {
  if (!name.endsWith(".mount")) return undefined;
  const path = name.slice(0, -".mount".length).replaceAll("-", "/");
  return `/${path.replaceAll(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))}`;
}

/** Adds the settings of one file to `settings`. Lines that end in a backslash continue. */
export function parseInto(settings: Map<string, string[]>, content: string): void {
  let section = "";
  for (const line of content.replaceAll(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#") || trimmed.startsWith(";")) continue;
    const header = /^\[(.+)\]$/.exec(trimmed);
    if (header?.[1]) {
      section = header[1];
      continue;
    }
    const equals = trimmed.indexOf("=");
    if (equals < 1) continue;
    const key = `${section}.${trimmed.slice(0, equals).trim()}`;
    const value = trimmed.slice(equals + 1).trim();
    settings.set(key, value === "" ? [] : [...(settings.get(key) ?? []), value]);
  }
}

function findUnit(name: string): string | undefined {
  const template = name.replace(/@[^.]+\./, "@.");
  return unitDirectories
    .flatMap((directory) => [join(directory, name), join(directory, template)])
    .find((path) => isMasked(path) || existsSync(path));
}

function isMasked(path: string): boolean {
  try {
    return readlinkSync(path) === "/dev/null";
  } catch {
    return false;
  }
}

function dropIns(name: string): string[] {
  return unitDirectories
    .toReversed()
    .map((directory) => join(directory, `${name}.d`))
    .filter((directory) => existsSync(directory))
    .flatMap((directory) =>
      readdirSync(directory)
        .filter((file) => file.endsWith(".conf"))
        .toSorted()
        .map((file) => join(directory, file)),
    );
}
