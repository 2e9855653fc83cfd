import type { Resource } from "./resources.ts";

/** A refusal as the API writes it: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: number;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: number, reason: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toJSON(): Record<string, unknown> {
    const { message, reason, details, code } = this;
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code };
  }
}

/** `nodes` or `leases.coordination.k8s.io`, as messages name a resource. */
function qualified(resource: Resource): string {
  return resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
}

function details(resource: Resource, name: string): Record<string, unknown> {
  return { name, ...(resource.group && { group: resource.group }), kind: resource.plural };
}

export function unauthorized() {
  return new StatusError(401, "Unauthorized", "Unauthorized");
}

export function unknownPath() {
  return new StatusError(404, "NotFound", "the server could not find the requested resource");
}

export function notFound(resource: Resource, name: string) {
  return new StatusError(404, "NotFound", `${qualified(resource)} "${name}" not found`, details(resource, name));
}

export function alreadyExists(resource: Resource, name: string) {
  return new StatusError(
    409,
    "AlreadyExists",
    `${qualified(resource)} "${name}" already exists`,
    details(resource, name),
  );
}

export function conflict(resource: Resource, name: string) {
  return new StatusError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    details(resource, name),
  );
}

export function badRequest(message: string) {
  return new StatusError(400, "BadRequest", message);
}

export function methodNotAllowed(message = "the server does not allow this method on the requested resource") {
  return new StatusError(405, "MethodNotAllowed", message);
}

export function unsupportedMediaType(message: string) {
  return new StatusError(415, "UnsupportedMediaType", message);
}

export function invalid(resource: Resource, name: string, message: string) {
  return new StatusError(422, "Invalid", `${resource.kind} "${name}" is invalid: ${message}`, details(resource, name));
}

export function serverTimeout(message: string) {
  return new StatusError(504, "Timeout", message);
}
