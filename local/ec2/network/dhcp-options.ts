import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { dependencyViolation, required } from "../engine/errors.ts";
import { select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { DhcpOptions } from "../engine/state-network.ts";
import { newResource } from "../engine/store.ts";
import { tagList, tagsOnCreate } from "../engine/tags.ts";

/** The domain in which instances of a region have their names. us-east-1 is older than the rule. */
export function internalDomain(region: string): string {
  return region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
}

/** The options of a VPC that nobody gave others; made on first use. */
export function defaultDhcpOptions(engine: Engine): DhcpOptions {
  const { context, store } = engine;
  const present = store.dhcpOptions.list().find((options) => options.isDefault);
  if (present) return present;
  return store.dhcpOptions.add({
    ...newResource(context, kinds.dhcpOptions.prefix, {}),
    isDefault: true,
    configurations: [
      { key: "domain-name", values: [internalDomain(context.region)] },
      { key: "domain-name-servers", values: ["AmazonProvidedDNS"] },
    ],
  });
}

export function dhcpOptionsHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateDhcpOptions(input) {
      const configurations = required(input.DhcpConfigurations, "DhcpConfigurations").map(({ Key, Values }) => ({
        key: required(Key, "DhcpConfiguration.Key"),
        values: Values ?? [],
      }));
      const options = store.dhcpOptions.add({
        ...newResource(
          engine.context,
          kinds.dhcpOptions.prefix,
          tagsOnCreate(input.TagSpecifications, kinds.dhcpOptions),
        ),
        isDefault: false,
        configurations,
      });
      return { DhcpOptions: optionsView(engine, options) };
    },

    DescribeDhcpOptions(input) {
      const { items, ...next } = select(store.dhcpOptions, input.DhcpOptionsIds, input, {
        "dhcp-options-id": (options) => options.id,
        key: (options) => options.configurations.map((configuration) => configuration.key),
        value: (options) => options.configurations.flatMap((configuration) => configuration.values),
        "owner-id": () => engine.context.accountId,
      });
      return { DhcpOptions: items.map((options) => optionsView(engine, options)), ...next };
    },

    AssociateDhcpOptions(input) {
      const wanted = required(input.DhcpOptionsId, "DhcpOptionsId");
      const vpc = store.vpcs.get(required(input.VpcId, "VpcId"));
      vpc.dhcpOptionsId = wanted === "default" ? defaultDhcpOptions(engine).id : store.dhcpOptions.get(wanted).id;
      return {};
    },

    DeleteDhcpOptions(input) {
      const options = store.dhcpOptions.get(required(input.DhcpOptionsId, "DhcpOptionsId"));
      const isUsed = store.vpcs.list().some((vpc) => vpc.dhcpOptionsId === options.id);
      if (isUsed) throw dependencyViolation("dhcpOptions", options.id);
      store.dhcpOptions.remove(options.id);
      return {};
    },
  };
}

function optionsView(engine: Engine, options: DhcpOptions): ec2.DhcpOptions {
  return {
    DhcpOptionsId: options.id,
    OwnerId: engine.context.accountId,
    DhcpConfigurations: options.configurations.map(({ key, values }) => ({
      Key: key,
      Values: values.map((Value) => ({ Value })),
    })),
    Tags: tagList(options.tags),
  };
}
