/** The clusters of a run, one after the other, so that a new account's quotas are enough. */
export const CASE_NAMES = ["private", "public", "ha"] as const;
export type CaseName = (typeof CASE_NAMES)[number];

export const CASES: Readonly<Record<CaseName, { readonly topology: "private" | "public"; readonly masters: number }>> =
  {
    private: { topology: "private", masters: 1 },
    public: { topology: "public", masters: 1 },
    ha: { topology: "public", masters: 3 },
  };

export const CHECK_NAMES = [
  "account",
  "stack",
  "create-private",
  "disks-private",
  "console-private",
  "authority-private",
  "delete-private",
  "create-public",
  "console-public",
  "delete-public",
  "create-ha",
  "authority-ha",
  "heal-terminated",
  "heal-detached",
  "delete-ha",
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

export interface Check {
  readonly title: string;
  /** What it would show; ids are those of the review that this is the first hour of. */
  readonly shows: string;
  /** The cluster that it is about. */
  readonly of?: CaseName;
  /** Checks that must have passed. */
  readonly needs: readonly CheckName[];
  /** Minutes that it usually takes on AWS, for the cost. */
  readonly minutes: number;
}

export const CHECKS: Readonly<Record<CheckName, Check>> = {
  account: { title: "the account answers", shows: "identity, zones, quotas, default VPC (M3)", needs: [], minutes: 1 },
  stack: { title: "Holdfast is deployed", shows: "the template deploys", needs: ["account"], minutes: 8 },
  "create-private": createOf("private", "first load balancer (B2), young instance profile (M1), launch (M2, M3)"),
  "disks-private": {
    title: "every volume is encrypted",
    shows: "root device of the image (M10)",
    ...{ of: "private", needs: ["create-private"], minutes: 1 },
  },
  "console-private": consoleOf("private"),
  "authority-private": authorityOf("private"),
  "delete-private": deleteOf("private"),
  "create-public": createOf("public", "masters with public addresses (B1)"),
  "console-public": consoleOf("public"),
  "delete-public": deleteOf("public"),
  "create-ha": createOf("ha", "three masters in three zones"),
  "authority-ha": authorityOf("ha"),
  "heal-terminated": {
    title: "a terminated master is replaced",
    shows: "time to repair; the loss is reported to the group (M5)",
    ...{ of: "ha", needs: ["create-ha"], minutes: 5 },
  },
  "heal-detached": {
    title: "a master without its volume is replaced",
    shows: "time of a replacement that Holdfast begins (M4)",
    ...{ of: "ha", needs: ["create-ha"], minutes: 6 },
  },
  "delete-ha": deleteOf("ha"),
};

function createOf(of: CaseName, shows: string): Check {
  const minutes = CASES[of].topology === "private" ? 12 : 10;
  return { title: `create "${of}"`, shows, of, needs: ["stack"], minutes };
}

function consoleOf(of: "private" | "public"): Check {
  return {
    title: `no join token on the console of "${of}"`,
    shows: "what kubeadm prints (M6)",
    ...{ of, needs: [`create-${of}`], minutes: 1 },
  };
}

function authorityOf(of: "private" | "ha"): Check {
  return {
    title: `strict clients accept the authority of "${of}"`,
    shows: "Subject Key Identifier (M7)",
    ...{ of, needs: [`create-${of}`], minutes: 1 },
  };
}

/** Runs for every cluster that was begun, whatever became of it. */
function deleteOf(of: CaseName): Check {
  return { title: `delete "${of}"`, shows: "nothing with the run's tag is left of it", of, needs: [], minutes: 8 };
}

/** The checks of these clusters, in order. */
export function checksOf(cases: readonly CaseName[]): CheckName[] {
  return CHECK_NAMES.filter((name) => {
    const { of } = CHECKS[name];
    return of === undefined || cases.includes(of);
  });
}

/** What every resource of a run carries, with the run's name. */
export const RUN_TAG = "holdfast-smoke";

export function clusterName(run: string, of: CaseName): string {
  return `${of}.${run}.example.com`;
}

/** The document of the cluster's spec. Zones are used in order; one that a case does not need is left out. */
export function specOf(
  of: CaseName,
  { run, zones, size, image }: { run: string; zones: readonly string[]; size: string; image: string | null },
): Readonly<Record<string, unknown>> {
  const { topology, masters } = CASES[of];
  const used = zones.slice(0, masters);
  return {
    ...{ name: clusterName(run, of), topology, nodeCount: 1 },
    ...{ zones: used.slice(0, 1), masterZones: used, masterSize: size, nodeSize: size },
    cloudLabels: { [RUN_TAG]: run },
    ...(image !== null && { image }),
  };
}
