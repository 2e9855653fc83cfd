import type { User } from "./authentication.ts";
import type { ResourcePath } from "./resources.ts";
import { StatusError } from "./status.ts";

/** `apply` is a patch that creates what is not there. */
export type Verb = "get" | "list" | "create" | "update" | "patch" | "apply" | "delete";

export interface ResourceRequest extends ResourcePath {
  readonly verb: Verb;
}

const ADMINISTRATORS = ["system:masters", "kubeadm:cluster-admins"];
const NODE_PREFIX = "system:node:";
/** Those who join read them, by a role that kubeadm makes beside them. */
const OF_JOINING = ["kubeadm-config", "kubelet-config"];

/**
 * Throws 403 unless the user may do this. A fixed excerpt of the rules of a kubeadm cluster that has no bootstrap tokens: RBAC
 * of administrators, the Node authorizer and the NodeRestriction admission of kubelets.
 */
export function authorize(user: User, request: ResourceRequest): void {
  if (!isAllowed(user, request)) throw forbidden(user, request);
}

/** Throws 403 for paths that are no resources, such as the lists of resources, unless the user is known. */
export function authorizePath(user: User, path: string): void {
  if (user.groups.includes("system:authenticated")) return;
  throw new StatusError(403, "Forbidden", `forbidden: User "${user.name}" cannot get path "${path}"`);
}

function isAllowed(user: User, request: ResourceRequest): boolean {
  if (user.groups.some((group) => ADMINISTRATORS.includes(group))) return true;
  if (user.groups.includes("system:nodes") && user.name.startsWith(NODE_PREFIX)) {
    return mayNode(user.name.slice(NODE_PREFIX.length), request);
  }
  return false;
}

/** A kubelet has its own Node and its own Lease, sees which pods are its own, and may renew its certificate; it joins by two ConfigMaps. */
function mayNode(node: string, request: ResourceRequest): boolean {
  switch (request.resource.plural) {
    case "nodes":
      return request.name === node && request.verb !== "list";
    case "pods":
      // Mirror pods, as NodeRestriction lets a node make and report them.
      if (request.verb === "patch")
        return request.subresource === "status" && request.name?.endsWith(`-${node}`) === true;
      return request.verb === "list" || request.verb === "get" || request.verb === "create";
    case "leases":
      return request.namespace === "kube-node-lease" && request.name === node && request.verb !== "list";
    case "certificatesigningrequests":
      return request.verb === "create" || request.verb === "get";
    case "configmaps":
      return request.namespace === "kube-system" && request.verb === "get" && OF_JOINING.includes(request.name ?? "");
    default:
      return false;
  }
}

function forbidden(user: User, request: ResourceRequest): StatusError {
  const { resource, verb, namespace, name = "", subresource } = request;
  const subject = resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
  const scope = namespace ? `in the namespace "${namespace}"` : "at the cluster scope";
  const what = `resource "${resource.plural}${subresource ? `/${subresource}` : ""}" in API group "${resource.group}"`;
  const message = `${subject}${name && ` "${name}"`} is forbidden: User "${user.name}" cannot ${verb} ${what} ${scope}`;
  return new StatusError(403, "Forbidden", message, { ...(name && { name }), kind: resource.plural });
}
