const ZONES = "us-west-2a,us-west-2b,us-west-2c";

/** Three masters in three zones and one node; the cluster's name follows. */
export const CREATE = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--node-count", "1"];
