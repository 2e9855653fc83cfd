import { contains, formatCidr, overlaps, parseCidr, sizeOf } from "./cidr.ts";

/** Blocks that a VPC may have, its first one among them (docs/references/aws.md#vpc-blocks). */
const MAX_BLOCKS = 5;
/** A VPC has blocks of one of them alone. */
const RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
/** AWS refuses the first one; in the second one are Docker's networks, and some of AWS's services. */
const AVOIDED = ["172.31.0.0/16", "172.17.0.0/16"];

/**
 * A further block for a VPC that is full: of the size of its first one, in the same private range, the next one after it
 * that AWS allows and nothing else uses. `blocks` are those that it has, `used` are addresses that must stay free. Undefined
 * if there is none.
 */
export function chooseFurtherBlock(
  first: string,
  blocks: readonly string[],
  used: readonly string[],
): string | undefined {
  const own = parseCidr(first);
  const range = RANGES.flatMap((each) => parseCidr(each) ?? []).find((each) => own && contains(each, own));
  if (!own || !range || blocks.length >= MAX_BLOCKS) return undefined;
  const has = blocks.flatMap((each) => parseCidr(each) ?? []);
  const taken = [...has, ...[...used, ...AVOIDED].flatMap((each) => parseCidr(each) ?? [])];
  const [low, lowest] = [parseCidr("10.0.0.0/15"), parseCidr("10.0.0.0/16")];
  if (low && lowest && has.some((each) => overlaps(low, each))) taken.push(lowest);
  const size = sizeOf(own.prefix);
  const count = sizeOf(range.prefix) / size;
  const index = (own.base - range.base) / size;
  for (let step = 1; step < count; step++) {
    const block = { base: range.base + ((index + step) % count) * size, prefix: own.prefix };
    if (!taken.some((each) => overlaps(each, block))) return formatCidr(block);
  }
  return undefined;
}
