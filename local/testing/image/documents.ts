import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AddOn } from "../../../functions/domain/releases/add-ons.ts";
import { installList } from "../../../functions/domain/releases/install-list.ts";
import { helmReleases } from "../../../functions/domain/releases/versions.ts";

const [HELM] = helmReleases;

const repository = join(import.meta.dirname, "../../..");

/** A document as SSM runs it, on a host whose files lie below a directory of the test. */
function documentOn(root: string, name: string): string {
  return readFileSync(join(repository, "functions/hosts/documents", `${name}.sh`), "utf8")
    .replaceAll(/\/(etc\/kubernetes|etc\/holdfast|run\/holdfast)/g, `${root}/$1`)
    .replaceAll("/usr/local/bin", join(root, "usr/local/bin"))
    .replace("HOME=/root", `HOME=${root}`);
}

export function addOnsDocument(addOns: readonly AddOn[], root: string): string {
  return documentOn(root, "install-add-ons")
    .replace("{{ addOns }}", installList(addOns))
    .replace("{{ helmVersion }}", HELM.version)
    .replace("{{ helmAmd64 }}", HELM.sha256.amd64)
    .replace("{{ helmArm64 }}", HELM.sha256.arm64);
}

export function finishDocument(root: string): string {
  return documentOn(root, "finish-control-plane").replaceAll(
    '--config "$config"',
    `--config "$config" --rootfs ${root}`,
  );
}

/** The phases of `kubeadm init` that a master leaves out at each boot. */
export function skippedPhases(): string {
  return /--skip-phases=\S+/.exec(readFileSync(join(repository, "functions/hosts/boot/master.sh"), "utf8"))?.[0] ?? "";
}
