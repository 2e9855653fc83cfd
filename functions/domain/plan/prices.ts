/**
 * AWS's list prices in USD, without taxes, discounts and free tiers. Instances: On-Demand, Linux, shared tenancy, from the
 * AWS Price List of 19 January 2026 as Karpenter publishes it (pkg/providers/pricing/zz_generated.pricing_aws.go); US West
 * (Oregon) and US East (N. Virginia) have the same price level. The rest: pricing pages of Amazon VPC, EBS and Elastic Load
 * Balancing; for Ireland other people's tables, not held against AWS's pages. A table ages: it says so wherever it is shown, and a bill is AWS's to write.
 */
export const PRICES_AS_OF = "2026-01-19";

export interface RegionPrices {
  /** An hour of the size `large`, by family; sizes of a family cost in proportion. */
  readonly large: Readonly<Record<string, number>>;
  /** An hour of the types that are out of proportion. */
  readonly exact: Readonly<Record<string, number>>;
  /** A GiB of gp3 for a month, with the 3,000 IOPS and 125 MiB/s that are included. */
  readonly gp3GiBMonth: number;
  readonly natGatewayHour: number;
  readonly loadBalancerHour: number;
  /** Any public IPv4 address, whoever holds it. */
  readonly publicAddressHour: number;
  /** A GiB in S3 Standard for a month, and a thousand requests that write. */
  readonly s3GiBMonth: number;
  readonly s3ThousandPuts: number;
}

const AMERICA: RegionPrices = {
  large: {
    t2: 0.0928,
    t3: 0.0832,
    t3a: 0.0752,
    t4g: 0.0672,
    m3: 0.133,
    m4: 0.1,
    m5: 0.096,
    m5a: 0.086,
    m6i: 0.096,
    m6a: 0.0864,
    m6g: 0.077,
    m7i: 0.1008,
    m7a: 0.11592,
    m7g: 0.0816,
    c4: 0.1,
    c5: 0.085,
    c5a: 0.077,
    c6i: 0.085,
    c6a: 0.0765,
    c6g: 0.068,
    c7i: 0.08925,
    c7g: 0.0725,
    r5: 0.126,
    r5a: 0.113,
    r6i: 0.126,
    r6g: 0.1008,
    r7i: 0.1323,
    r7g: 0.1071,
  },
  exact: {
    "t2.small": 0.023,
    "m3.medium": 0.067,
    "c4.xlarge": 0.199,
    "c4.2xlarge": 0.398,
    "c4.4xlarge": 0.796,
    "c4.8xlarge": 1.591,
  },
  gp3GiBMonth: 0.08,
  natGatewayHour: 0.045,
  loadBalancerHour: 0.0225,
  publicAddressHour: 0.005,
  s3GiBMonth: 0.023,
  s3ThousandPuts: 0.005,
};

/** Regions whose prices are known here; a plan for another one says that it has no prices. */
export const PRICES: Readonly<Record<string, RegionPrices>> = {
  "us-west-2": AMERICA,
  "us-east-1": AMERICA,
  "eu-west-1": {
    large: { t3: 0.0912, m5: 0.107, m6i: 0.107, c5: 0.096, r5: 0.141 },
    exact: {},
    gp3GiBMonth: 0.088,
    natGatewayHour: 0.048,
    loadBalancerHour: 0.0252,
    publicAddressHour: 0.005,
    s3GiBMonth: 0.023,
    s3ThousandPuts: 0.005,
  },
};

/** Sizes below 2xlarge, in units of `large`. */
const SIZES: Readonly<Record<string, number>> = {
  nano: 1 / 16,
  micro: 1 / 8,
  small: 1 / 4,
  medium: 1 / 2,
  large: 1,
  xlarge: 2,
};

/** An hour of an instance type; undefined if the table does not have it (metal, families that are rare for clusters). */
export function hourlyPrice(prices: RegionPrices, instanceType: string): number | undefined {
  const [family = "", size = ""] = instanceType.split(".");
  const large = prices.large[family];
  const factor = SIZES[size] ?? (/^\d+xlarge$/.test(size) ? 2 * Number.parseInt(size, 10) : undefined);
  return prices.exact[instanceType] ?? (large === undefined || factor === undefined ? undefined : large * factor);
}
