import { RESOURCES, type Resource } from "../apiserver/resources.ts";
import { UsageError } from "../common/command.ts";

/** The resource that a user means by `node`, `nodes`, `no` or `leases.coordination.k8s.io`. */
export function findResource(name: string): Resource {
  const [plain = "", ...group] = name.toLowerCase().split(".");
  const resource = RESOURCES.find(
    ({ plural, singular, shortNames, group: own }) =>
      [plural, singular, ...shortNames].includes(plain) && (group.length === 0 || group.join(".") === own),
  );
  if (!resource) throw new UsageError(`the server doesn't have a resource type "${name}"`);
  return resource;
}
