import { gzipSync } from "node:zlib";
import type { MemberPlan } from "../plan/plan-types.ts";

/** For a shell: the value stands as it is, whatever it holds. */
function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** Where all members of etcd are, as each of them reads it at boot. */
export function addressVariables(members: readonly Pick<MemberPlan, "name" | "address">[]) {
  return {
    INITIAL_CLUSTER: members.map(({ name, address }) => `${name}=https://${address}:2380`).join(","),
  };
}

/**
 * Replaces some variables of user data and keeps its scripts. Throws for a variable that the user data does not set.
 */
export function withVariables(userData: string, variables: Readonly<Record<string, string>>): string {
  const lines = userData.split("\n");
  for (const [name, value] of Object.entries(variables)) {
    const index = lines.findIndex((line) => line.startsWith(`${name}='`) && line.endsWith("'"));
    if (index < 0) throw new Error(`user data does not set ${name}`);
    lines[index] = `${name}=${quote(value)}`;
  }
  return lines.join("\n");
}

/** EC2 refuses more than this, before base64 (docs/references/aws.md#user-data). */
export const USER_DATA_LIMIT = 16_384;

/**
 * User data: the control plane's variables, then the scripts, compressed and without comments to fit the limit. Read
 * them with `sed -n 's/.*<<<//; s/ | gunzip)$//p'` and `base64 -d | gunzip`. Throws when the limit is exceeded.
 */
export function bootScript(variables: Readonly<Record<string, string>>, scripts: readonly string[]): string {
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${quote(value)}`);
  const packed = gzipSync(scripts.map(withoutComments).join("\n"), { level: 9 }).toString("base64");
  const text = ["#!/bin/bash", ...assignments, `. <(base64 -d <<<${packed} | gunzip)`, ""].join("\n");
  if (Buffer.byteLength(text) > USER_DATA_LIMIT) {
    throw new Error(`user data has ${Buffer.byteLength(text)} bytes, ${USER_DATA_LIMIT} are allowed`);
  }
  return text;
}

/** Without lines that are comments; `#!` and `###` mean something in what the scripts write. */
function withoutComments(script: string): string {
  return script.replaceAll(/^ *# .*\n/gm, "");
}
