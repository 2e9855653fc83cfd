/** Calls of AWS as an account answers them that has what every spec needs, and nothing else. */
export function roomyAccount(zones: readonly string[]) {
  const none = async () => 0;
  return {
    findNameConflicts: async () => [],
    listParameterNames: async () => [],
    listMachines: async (types: readonly string[]) => {
      return new Map(types.map((type) => [type, { architectures: ["x86_64"], vcpus: 2 }]));
    },
    listOfferings: async (types: readonly string[]) => new Map(types.map((type) => [type, new Set(zones)])),
    findSecurityGroups: async () => new Map(),
    ebsDefaultKey: async () => "alias/aws/ebs",
    findParameter: async () => "ami-newest",
    readLimit: async () => 1_000,
    groupLimits: async () => ({ limit: 500, used: 0 }),
    countNetworkBalancers: none,
    vcpusOf: async () => new Map<string, number>(),
    usageOf: () => ({
      vpcs: none,
      internetGateways: none,
      elasticIps: none,
      natGateways: async () => () => 0,
      storage: none,
      runningTypes: async () => [],
    }),
  };
}
