import { drillOf, intervalOf, retentionOf } from "../spec/rules/backups.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import { storageOf } from "./disks.ts";
import type { Cost, CostItem } from "./plan-types.ts";
import { hourlyPrice, PRICES, PRICES_AS_OF, type RegionPrices } from "./prices.ts";

const HOURS_PER_MONTH = 730;

/** The part of `Plan.resources` that is paid for. */
interface Counts {
  readonly masters: number;
  readonly natGateways: number;
  readonly loadBalancers: number;
  readonly zones: number;
}

export function costOf(spec: ClusterSpec, counts: Counts): Cost {
  const prices = PRICES[spec.region];
  const perHour = (pick: (prices: RegionPrices) => number | undefined) => {
    const price = prices && pick(prices);
    return price === undefined ? null : price * HOURS_PER_MONTH;
  };
  const { masters } = counts;
  const storage = storageOf(spec, masters);
  const items = [
    ...sizesOf(spec, masters).map(([size, count]) =>
      item(
        `${size} instances`,
        count,
        perHour((known) => hourlyPrice(known, size)),
      ),
    ),
    item("GiB of gp3", storage, prices?.gp3GiBMonth ?? null),
    item(
      "NAT gateways",
      counts.natGateways,
      perHour((known) => known.natGatewayHour),
    ),
    item(
      "network load balancers",
      counts.loadBalancers,
      perHour((known) => known.loadBalancerHour),
    ),
    item(
      "public IPv4 addresses",
      publicAddresses(spec, counts),
      perHour((known) => known.publicAddressHour),
    ),
    ...backupItems(spec, prices),
  ].filter(({ count }) => count > 0);
  const monthly = prices ? cents(items.reduce((sum, each) => sum + (each.monthly ?? 0), 0)) : null;
  return { currency: "USD", monthly, items, asOf: PRICES_AS_OF, region: spec.region };
}

/** A snapshot of a small cluster, compressed; nobody knows what users will store. */
const SNAPSHOT_GIB = 0.03;
const OBJECTS = 4;
const MINUTES_PER_MONTH = HOURS_PER_MONTH * 60;

function backupItems(spec: ClusterSpec, prices: RegionPrices | undefined): CostItem[] {
  const interval = intervalOf(spec);
  if (interval === 0) return [];
  const { allHours, hourlyDays, dailyDays } = retentionOf(spec);
  const most = (period: number, times: number) => (period * 60) / Math.max(interval, times);
  const kept =
    most(allHours, interval) + most(hourlyDays * 24 - allHours, 60) + most((dailyDays - hourlyDays) * 24, 1440);
  const puts = (MINUTES_PER_MONTH / interval) * OBJECTS;
  return [
    item("GiB of backups in S3, of 30 MiB each", Math.ceil(kept * SNAPSHOT_GIB), prices?.s3GiBMonth ?? null),
    item("thousand writes of backups", Math.ceil(puts / 1000), prices?.s3ThousandPuts ?? null),
    ...drillItems(spec, prices),
  ];
}

/** Five drills of a quarter of an hour, rounded up. */
const DRILL_HOURS = 2;

/** Of a small cluster: the smallest type, which is billed by the second. */
function drillItems(spec: ClusterSpec, prices: RegionPrices | undefined): CostItem[] {
  if (drillOf(spec) === "off") return [];
  return [item("hours of drills, on t3.micro", DRILL_HOURS, (prices && hourlyPrice(prices, "t3.micro")) ?? null)];
}

/** What the price table does not have, by name. */
export function unpriced({ items }: Cost): string[] {
  return items.filter(({ each }) => each === null).map(({ what }) => what);
}

function item(what: string, count: number, each: number | null): CostItem {
  return {
    what,
    count,
    each: each === null ? null : cents(each),
    monthly: each === null ? null : cents(each * count),
  };
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

function sizesOf({ masterSize, nodeSize, nodeCount }: ClusterSpec, masters: number): [string, number][] {
  return masterSize === nodeSize
    ? [[masterSize, masters + nodeCount]]
    : [
        [masterSize, masters],
        [nodeSize, nodeCount],
      ];
}

/** One a NAT gateway, one a zone of the load balancer, and with public topology one an instance. */
function publicAddresses({ topology, nodeCount }: ClusterSpec, counts: Counts): number {
  return counts.natGateways + counts.zones + (topology === "public" ? counts.masters + nodeCount : 0);
}
