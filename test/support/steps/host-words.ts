/** What hosts print when they run our documents. */

const IDS: Readonly<Record<string, number>> = { a: 11, b: 22, c: 33 };

/** `member-health` of a healthy member; the leader is `a`. */
export function memberReport(member: string, change: Readonly<Record<string, unknown>> = {}): string {
  const header = { cluster_id: 77, member_id: IDS[member] ?? 0, raft_term: 2 };
  const status = [{ Status: { header, leader: 11, raftTerm: 2 } }];
  return JSON.stringify({ member, healthy: true, status, ...change });
}

/** `list-members` of three members at these addresses, by name. */
export function memberList(addresses: Readonly<Record<string, string>>): string {
  return Object.entries(addresses)
    .map(([name, address]) => {
      const id = (IDS[name] ?? 0).toString(16);
      return `${id}, started, ${name}, https://${address}:2380, https://${address}:2379, false`;
    })
    .join("\n");
}

/** `member-progress` of a learner at this address, which has applied so many of the leader's 1,000 entries. */
export function progress(address: string, applied: number): string {
  const look = [
    { Endpoint: "https://10.0.0.1:2379", Status: { header: { member_id: 11 }, leader: 11, raftAppliedIndex: 1_000 } },
    {
      Endpoint: `https://${address}:2379`,
      Status: { header: { member_id: 44 }, leader: 11, raftAppliedIndex: applied, isLearner: true },
    },
  ];
  return Array.from({ length: 3 }, () => JSON.stringify(look)).join("\n");
}

/** What the document of a job answers (functions/hosts/documents/job.sh). */
export const jobAnswer = {
  running: (said = ""): string => JSON.stringify({ state: "running", seconds: 12, said }),
  done: (result: unknown): string => JSON.stringify({ state: "done", result }),
  failed: (said: string, code = 1): string => JSON.stringify({ state: "failed", code, said }),
};
