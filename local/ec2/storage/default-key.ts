import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { required } from "../engine/errors.ts";

/** What EC2 says while nobody has chosen a key: AWS's own. */
const AWS_KEY = "alias/aws/ebs";

/** The account's default key for volumes that are encrypted without one being named. */
export function defaultKeyHandlers({ ebsDefaultKey }: Engine): Handlers<typeof ec2> {
  return {
    GetEbsDefaultKmsKeyId: () => ({ KmsKeyId: ebsDefaultKey.arn ?? AWS_KEY }),
    ModifyEbsDefaultKmsKeyId: (input) => {
      ebsDefaultKey.arn = required(input.KmsKeyId, "KmsKeyId");
      return { KmsKeyId: ebsDefaultKey.arn };
    },
    ResetEbsDefaultKmsKeyId: () => {
      ebsDefaultKey.arn = undefined;
      return { KmsKeyId: AWS_KEY };
    },
  };
}
