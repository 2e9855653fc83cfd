import type * as sts from "@aws-sdk/client-sts";
import { type Demands, demand, type Mapping, mappingOf } from "./demand.ts";

/** "Actions, resources, and condition keys for AWS Security Token Service". GetCallerIdentity is free (see `authorizer.ts`). */
export function stsMapping(): Mapping {
  const demands: Demands<typeof sts> = {
    AssumeRole: ({ RoleArn = "", RoleSessionName = "" }) => [
      demand("sts:AssumeRole", RoleArn, { "sts:RoleSessionName": RoleSessionName }),
    ],
  };
  return mappingOf("sts", demands);
}
