import type { InvokePermission } from "./contract.ts";

/** A service that wants to invoke a function on behalf of one of its resources. */
export interface ServiceCaller {
  /** `events.amazonaws.com`, `apigateway.amazonaws.com`… */
  readonly principal: string;
  readonly sourceArn: string;
}

/** May the service invoke, by the function's resource policy? Without a matching statement it may not. */
export function permits(permissions: readonly InvokePermission[], caller: ServiceCaller): boolean {
  return permissions.some(
    ({ principal, sourceArn }) =>
      (principal === "*" || principal === caller.principal) &&
      (sourceArn === undefined || arnPattern(sourceArn).test(caller.sourceArn)),
  );
}

/** `ArnLike`: `*` is any text, `?` one character (IAM `reference_policies_elements_condition_operators.html`). */
function arnPattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}
