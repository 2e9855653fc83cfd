import { existsSync, readdirSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { KUBERNETES_FOLDER, type KubernetesPrograms } from "./kubernetes-programs.ts";
import type { Bind } from "./protocol.ts";
import type { Programs } from "./requirements.ts";

const repository = join(import.meta.dirname, "..", "..");
const imageParts = join(repository, "local", "image");

/** Where the repository's files that make up the image appear on a host; modules resolve as they do in the repository. */
const imageSource = "/opt/image-src";

/** What leads to a real kubeadm, without what only a host with containers can do. */
const REAL_KUBEADM = `${imageSource}/local/image/kubernetes/real/kubeadm`;

/** Programs first, so that stand-ins come before the machine's own of the same name. */
export const hostPath = "/opt/image/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The image as every host sees it, read-only but for the compile cache. */
export interface ImageLayout {
  readonly binds: readonly Bind[];
  /** A shared cache of compiled TypeScript: it halves the start of each of the image's Node programs. */
  readonly compileCache: string;
}

/** Where the image's parts lie if not at their usual places. */
export interface ImageSources {
  /** What `image/build.ts` made; the repository's `dist/image` by default. */
  readonly bundles?: string | undefined;
  /** By default below the directory of the image. */
  readonly compileCache?: string | undefined;
  /** Stand-ins by default. */
  readonly kubernetes?: KubernetesPrograms | undefined;
}

/**
 * Joins the parts of the image (`local/image/*`) below `directory`: `bin/` holds a link for each file of a part's `bin/`
 * (`name.ts` becomes `name`), `units/` one for each of its systemd units.
 */
export async function layOutImage(
  directory: string,
  programs: Programs,
  {
    bundles = join(repository, "dist", "image"),
    compileCache = join(directory, "compile-cache"),
    kubernetes,
  }: ImageSources = {},
): Promise<ImageLayout> {
  const image = join(directory, "image");
  await rm(image, { recursive: true, force: true });
  await mkdir(join(image, "bin"), { recursive: true });
  await mkdir(join(image, "units"), { recursive: true });
  await mkdir(compileCache, { recursive: true });
  for (const part of readdirSync(imageParts)) {
    await linkAll(part, "bin", join(image, "bin"), (name) => basename(name, ".ts"));
    await linkAll(part, "units", join(image, "units"), (name) => name);
  }
  for (const name of kubernetes?.names ?? []) {
    const program = join(image, "bin", name);
    await rm(program, { force: true });
    await symlink(name === "kubeadm" ? REAL_KUBEADM : `${KUBERNETES_FOLDER}/${name}`, program);
  }
  await symlink("/opt/image-node/node", join(image, "bin", "node"));
  // From its sources only where nothing was bundled: reading TypeScript doubles the time that a host takes to boot.
  const bundled = existsSync(join(bundles, "init.cjs"));
  await symlink(bundled ? "/opt/image-dist/init.cjs" : `${imageSource}/local/image/base/init.ts`, join(image, "init"));
  const readOnly = (source: string, target: string): Bind => ({ source, target, writable: false });
  return {
    compileCache,
    binds: [
      readOnly(image, "/opt/image"),
      readOnly(process.execPath, "/opt/image-node/node"),
      readOnly(imageParts, `${imageSource}/local/image`),
      readOnly(join(repository, "node_modules"), `${imageSource}/node_modules`),
      readOnly(join(repository, "package.json"), `${imageSource}/package.json`),
      { source: compileCache, target: "/var/cache/image-node", writable: true },
      ...(existsSync(bundles) ? [readOnly(bundles, "/opt/image-dist")] : []),
      ...(kubernetes ? [readOnly(kubernetes.folder, KUBERNETES_FOLDER)] : []),
      ...etcdBinds(programs),
      ...machineLibraries(),
    ],
  };
}

async function linkAll(part: string, kind: string, target: string, rename: (name: string) => string): Promise<void> {
  const source = join(imageParts, part, kind);
  if (!existsSync(source)) return;
  for (const name of readdirSync(source)) {
    await symlink(`${imageSource}/local/image/${part}/${kind}/${name}`, join(target, rename(name)));
  }
}

/** etcd from outside the machine's /usr, which hosts share, appears in /usr/local/bin. */
function etcdBinds(programs: Programs): Bind[] {
  return [programs.etcd, programs.etcdctl, programs.etcdutl]
    .filter((path) => path !== undefined)
    .filter((path) => !/^\/usr\/s?bin\//.test(path))
    .map((path) => ({ source: path, target: `/usr/local/bin/${basename(path)}`, writable: false }));
}

/** What programs below the shared /usr need beside it. */
function machineLibraries(): Bind[] {
  return ["/etc/alternatives", "/etc/ld.so.cache"]
    .filter((path) => existsSync(path))
    .map((path) => ({ source: path, target: path, writable: false }));
}
