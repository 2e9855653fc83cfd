import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import type { Volume } from "../engine/state-compute.ts";

type Status = "ok" | "impaired" | "insufficient-data";

function statusOf({ state }: Volume): Status {
  if (state === "error") return "impaired";
  return state === "creating" ? "insufficient-data" : "ok";
}

const filters: FilterAttributes<Volume> = {
  "volume-status.status": statusOf,
  "availability-zone": ({ zone }) => zone,
};

/** A volume's status, attributes and modifications: how it is, not what it is. */
export function volumeStatusHandlers(engine: Engine): Handlers<typeof ec2> {
  const { volumes } = engine.store;
  return {
    DescribeVolumeStatus(input) {
      const { items, ...next } = select(volumes, input.VolumeIds, input, filters);
      return { VolumeStatuses: items.map(view), ...next };
    },
    DescribeVolumeAttribute(input) {
      const VolumeId = volumes.get(required(input.VolumeId, "VolumeId")).id;
      if (input.Attribute === "productCodes") return { VolumeId, ProductCodes: [] };
      return { VolumeId, AutoEnableIO: { Value: false } };
    },
    // Volumes are not modified here.
    DescribeVolumesModifications(input) {
      for (const id of input.VolumeIds ?? []) volumes.get(id);
      return { VolumesModifications: [] };
    },
    GetEbsEncryptionByDefault: () => ({ EbsEncryptionByDefault: false }),
  };
}

function view(volume: Volume): ec2.VolumeStatusItem {
  const Status = statusOf(volume);
  const enabled = { ok: "passed", impaired: "failed", "insufficient-data": "insufficient-data" }[Status];
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone,
    VolumeStatus: {
      Status,
      Details: [
        { Name: "io-enabled", Status: enabled },
        { Name: "io-performance", Status: "not-applicable" },
      ],
    },
    Actions: [],
    Events: [],
    AttachmentStatuses: [],
  };
}
