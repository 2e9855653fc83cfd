import * as z from "zod";

/** A member's hash of its keys up to a revision; `file` is the snapshot itself. */
export interface MemberHash {
  readonly member: string;
  readonly hash: number;
  readonly compactRevision: number;
}

export interface HashResult {
  readonly members: readonly string[];
  readonly equal: boolean;
}

/**
 * Whether members have the same keys at one revision. The hash runs from the compacted revision on, so only answers
 * with equal ones are compared. Null where no two can be compared: nothing is known then.
 */
export function compareHashes(answers: readonly MemberHash[]): HashResult | null {
  const groups = [...Map.groupBy(answers, ({ compactRevision }) => compactRevision).values()].filter(
    (group) => group.length > 1,
  );
  if (groups.length === 0) return null;
  const equal = groups.every((group) => new Set(group.map(({ hash }) => hash)).size === 1);
  const compared = groups.flat().map(({ member }) => member);
  return { members: compared.toSorted(), equal };
}

const Answer = z
  .array(
    z.object({
      HashKV: z.object({
        hash: z.number(),
        compact_revision: z.number().default(0),
        hash_revision: z.number().optional(),
      }),
    }),
  )
  .min(1);

/**
 * Reads `etcdctl endpoint hashkv -w json` of one member; undefined for one that did not answer, or has compacted the
 * revision meanwhile.
 */
export function readHash(member: string, output: string): MemberHash | undefined {
  const line = output.split("\n").find((candidate) => candidate.startsWith("[")) ?? "";
  try {
    const hashed = Answer.parse(JSON.parse(line))[0]?.HashKV;
    return hashed && { member, hash: hashed.hash, compactRevision: hashed.compact_revision };
  } catch {
    return undefined;
  }
}
