import { validationError } from "./errors.ts";

// DynamoDB's numbers: up to 38 significant digits, magnitudes from 1E-130 to 9.99…E+125.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
const maximumDigits = 38;
const maximumExponent = 125;
const minimumExponent = -130;

/** `coefficient × 10^exponent`, without trailing zeros in the coefficient; zero has exponent 0. */
interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** The one spelling in which a number is stored and returned: no exponent, no superfluous zeros. Throws if invalid. */
export function normaliseNumber(text: string): string {
  const decimal = parse(text);
  checkRange(decimal);
  return format(decimal);
}

/** `a + sign × b` of two stored numbers. Throws if the result cannot be stored. */
export function addDecimals(a: string, b: string, sign: 1 | -1): string {
  const [x, y] = [parse(a), parse(b)];
  const exponent = Math.min(x.exponent, y.exponent);
  const sum = normalised(shifted(x, exponent) + BigInt(sign) * shifted(y, exponent), exponent);
  checkRange(sum);
  return format(sum);
}

export function compareDecimals(a: string, b: string): number {
  const [x, y] = [parse(a), parse(b)];
  const exponent = Math.min(x.exponent, y.exponent);
  const difference = shifted(x, exponent) - shifted(y, exponent);
  return difference < 0n ? -1 : Number(difference > 0n);
}

function parse(text: string): Decimal {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match ?? [];
  if (!match || whole + fraction === "") {
    throw validationError(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const coefficient = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  return normalised(coefficient, Number(exponent) - fraction.length);
}

function normalised(coefficient: bigint, exponent: number): Decimal {
  if (coefficient === 0n) return { coefficient, exponent: 0 };
  const zeros = /0*$/.exec(coefficient.toString())?.[0].length ?? 0;
  return { coefficient: coefficient / 10n ** BigInt(zeros), exponent: exponent + zeros };
}

function checkRange({ coefficient, exponent }: Decimal): void {
  const digits = coefficient.toString().replace("-", "").length;
  const magnitude = exponent + digits - 1;
  if (magnitude > maximumExponent) {
    throw validationError("Number overflow. Attempting to store a number with magnitude larger than supported range");
  }
  if (magnitude < minimumExponent) {
    throw validationError("Number underflow. Attempting to store a number with magnitude smaller than supported range");
  }
  if (digits > maximumDigits) {
    throw validationError(`Attempting to store more than ${maximumDigits} significant digits in a Number`);
  }
}

function shifted({ coefficient, exponent }: Decimal, to: number): bigint {
  return coefficient * 10n ** BigInt(exponent - to);
}

function format({ coefficient, exponent }: Decimal): string {
  if (exponent >= 0) return (coefficient * 10n ** BigInt(exponent)).toString();
  const sign = coefficient < 0n ? "-" : "";
  const digits = coefficient
    .toString()
    .replace("-", "")
    .padStart(1 - exponent, "0");
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}
