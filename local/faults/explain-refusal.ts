import type * as z from "zod";
import { FAULTS } from "./list-faults.ts";

/** What is wrong with a fault that was asked for, in words. */
export function explainRefusal({ issues }: z.ZodError): string {
  return issues.map(explain).join(" ");
}

/** Members that the command line makes of its target. */
const TARGETS = new Set(["instanceId", "volumeId", "zone"]);

function explain(issue: z.core.$ZodIssue): string {
  const member = issue.path.join(".");
  switch (issue.code) {
    case "invalid_union":
      return member === "kind"
        ? `There is no such kind of fault. Kinds: ${[...FAULTS.keys()].join(", ")}.`
        : said(issue);
    case "invalid_value":
      return `${member}: expected one of ${issue.values.join(", ")}.`;
    case "unrecognized_keys":
      return `The request has no member ${issue.keys.join(", ")}.`;
    case "invalid_type":
      if (TARGETS.has(member)) return `A target is missing: CLUSTER/MEMBER, or an id (${member}).`;
      return `${member || "the request"}: expected ${issue.expected}.`;
    default:
      return said(issue);
  }
}

function said({ path, message }: z.core.$ZodIssue): string {
  return `${path.length > 0 ? `${path.join(".")}: ` : ""}${message}.`;
}
