import fc from "fast-check";
import { ClusterName } from "../../functions/domain/spec/value-schemas.ts";
import { type Neighbourhood, ROLES, type Role } from "./neighbours.ts";

/** How the names of a family are alike: each begins with another, or all share that many characters. */
export const KINDS = ["prefixes", "38 characters", "61 characters"] as const;
type Kind = (typeof KINDS)[number];

/** Was it never there, was it deleted before, or is it there? */
type Life = "never" | "deleted" | "alive";

interface Attacked {
  readonly name: string;
  readonly life: Life;
  /** Who asks for its deletion, one after the other. */
  readonly by: readonly Role[];
}

/** Names that are alike: of each pair of an attacked one and a neighbour, deleting the one must leave the other untouched. */
export interface Family {
  readonly kind: Kind;
  readonly neighbours: readonly string[];
  readonly attacked: readonly Attacked[];
}

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz0123456789"];
const letter = fc.constantFrom(...LETTERS);
const inner = fc.constantFrom(...LETTERS, ...LETTERS, "-", ".");

/** The beginning of names, of exactly this length. */
function stem(length: number): fc.Arbitrary<string> {
  return fc
    .tuple(letter, fc.array(inner, { minLength: length - 2, maxLength: length - 2 }), letter)
    .map(([first, middle, last]) => [first, ...middle, last].join(""))
    .filter((text) => ClusterName.safeParse(text).success);
}

/** The roles of the neighbourhood are given what ends so; neighbours end in other ways. */
const NAMES: Readonly<Record<Kind, { readonly neighbours: readonly string[]; readonly attacked: readonly string[] }>> =
  {
    prefixes: { neighbours: ["", "-d0x.eu"], attacked: ["-d0", ".dev.example.com", "-d0x.eu-d1", "-d2"] },
    "38 characters": {
      neighbours: ["", "v0.example.com"],
      attacked: ["d0", ".dev.example.com", "v0.example.com.d1", "d2"],
    },
    "61 characters": { neighbours: ["v0", "v1"], attacked: ["d0", "d1", "d2", "d3"] },
  };
const LENGTHS: Readonly<Record<Kind, fc.Arbitrary<string>>> = {
  prefixes: fc.integer({ min: 4, max: 20 }).chain(stem),
  "38 characters": stem(38),
  "61 characters": stem(61),
};
const LIVES: readonly Life[] = ["never", "never", "deleted", "alive"];

/** Two and three times, by every role, in any order; the admin's request among them takes effect. */
const requests = fc
  .tuple(fc.array(fc.constantFrom<Role>(...ROLES), { minLength: 1, maxLength: 2 }), fc.constant<Role>("admin"))
  .chain(([others, admin]) => fc.shuffledSubarray([...others, admin], { minLength: others.length + 1 }));

function family(kind: Kind): fc.Arbitrary<Family> {
  return fc
    .tuple(
      LENGTHS[kind],
      fc.shuffledSubarray([...LIVES], { minLength: LIVES.length }),
      fc.array(requests, { minLength: LIVES.length, maxLength: LIVES.length }),
      fc.shuffledSubarray([...NAMES[kind].attacked], { minLength: LIVES.length }),
    )
    .map(([begin, lives, by, ends]) => ({
      kind,
      neighbours: NAMES[kind].neighbours.map((end) => `${begin}${end}`),
      attacked: ends.map((end, index) => ({
        name: `${begin}${end}`,
        life: lives[index] ?? "never",
        by: by[index] ?? ["admin"],
      })),
    }));
}

/** Families of all kinds in turn; the same for the same seed. */
export function familiesOf(count: number, seed: number): Family[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = KINDS[index % KINDS.length] ?? "prefixes";
    return fc.sample(family(kind), { seed: seed + index, numRuns: 1 });
  }).flat();
}

export function pairsIn(families: readonly Family[]): number {
  return families.reduce((sum, { neighbours, attacked }) => sum + neighbours.length * attacked.length, 0);
}

/** What went wrong in a family; nothing if its neighbours have what they had. */
export async function attackFamily(account: Neighbourhood, family: Family): Promise<string[]> {
  const { kind, neighbours, attacked } = family;
  const created = [...neighbours, ...attacked.filter(({ life }) => life !== "never").map(({ name }) => name)];
  await Promise.all(created.map((name) => account.create(name)));
  for (const { name } of attacked.filter(({ life }) => life === "deleted")) await account.remove("root", name);
  const before = await account.thingsOf(...neighbours);
  const wrong: string[] = [];
  for (const { name, life, by } of attacked) {
    const answers = [];
    for (const role of by) answers.push(await account.remove(role, name));
    const expected = expectedAnswers(life, by);
    if (answers.join() !== expected.join()) wrong.push(`${by} of ${name} (${life}): ${answers}, not ${expected}`);
    const left = await account.thingsOf(name);
    if (left.length > 0) wrong.push(`${name} (${life}) has left ${left}`);
    const after = await account.thingsOf(...neighbours);
    if (after.join() !== before.join()) wrong.push(`${kind}: ${name} (${life}) took from ${neighbours}: ${after}`);
  }
  for (const name of neighbours) await account.untilStatus(name, "ACTIVE");
  const [first = "", ...others] = neighbours;
  const rest = await account.thingsOf(...others);
  await account.remove("root", first);
  if ((await account.thingsOf(...others)).join() !== rest.join()) wrong.push(`${first} took from ${others}`);
  for (const name of others) await account.remove("root", name);
  return wrong;
}

/** Only an admin deletes, once; to whom may read a name that is not there it is not there. */
function expectedAnswers(life: Life, by: readonly Role[]): number[] {
  let isThere = life === "alive";
  return by.map((role) => {
    if (role !== "admin") return 403;
    const answer = isThere ? 202 : 404;
    isThere = false;
    return answer;
  });
}
