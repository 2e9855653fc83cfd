import { AwsError } from "../../wire/contract.ts";
import { type Network, parseNetwork } from "../engine/cidr.ts";
import { invalidParameter } from "../engine/errors.ts";

/** @throws AwsError `InvalidParameterValue` for what is no network; `code` beyond the sizes /16 to /28. */
export function networkOf(cidr: string, code: "InvalidVpc.Range" | "InvalidSubnet.Range"): Network {
  const network = parseNetwork(cidr);
  if (!network) throw invalidParameter(cidr, "CidrBlock", "This is not a valid CIDR block.");
  if (network.prefix < 16 || network.prefix > 28) throw new AwsError(code, `The CIDR '${cidr}' is invalid.`);
  return network;
}
