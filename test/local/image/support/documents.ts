import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AddOn, installList } from "../../../../functions/domain/add-ons.ts";
import { HELM } from "../../../../functions/domain/versions.ts";

/** The document `install-add-ons` as SSM runs it, on a host whose files lie below a directory of the test. */
export function addOnsDocument(addOns: readonly AddOn[], root: string): string {
  return readFileSync(join(import.meta.dirname, "../../../../infra/documents/install-add-ons.sh"), "utf8")
    .replaceAll("/etc/kubernetes", join(root, "etc/kubernetes"))
    .replaceAll("/usr/local/bin", join(root, "usr/local/bin"))
    .replace("HOME=/root", `HOME=${root}`)
    .replace("{{ addOns }}", installList(addOns))
    .replace("{{ helmVersion }}", HELM.version)
    .replace("{{ helmAmd64 }}", HELM.sha256.amd64)
    .replace("{{ helmArm64 }}", HELM.sha256.arm64);
}
