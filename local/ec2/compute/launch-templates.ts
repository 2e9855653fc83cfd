import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidParameter, required } from "../engine/errors.ts";
import { select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { LaunchTemplate } from "../engine/state-compute.ts";
import { newResource } from "../engine/store.ts";
import { tagsOnCreate } from "../engine/tags.ts";
import { templateView, versionView } from "./launch-template-view.ts";

type TemplateVersion = LaunchTemplate["versions"][number];

interface TemplateReference {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

/** @throws AwsError `InvalidLaunchTemplateId.NotFound`, `InvalidLaunchTemplateName.NotFoundException` */
export function templateOf(engine: Pick<Engine, "store">, reference: TemplateReference): LaunchTemplate {
  if (reference.LaunchTemplateId !== undefined) return engine.store.launchTemplates.get(reference.LaunchTemplateId);
  const name = required(reference.LaunchTemplateName, "LaunchTemplateName");
  const template = engine.store.launchTemplates.list().find((each) => each.name === name);
  if (template) return template;
  throw new AwsError(
    "InvalidLaunchTemplateName.NotFoundException",
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

/** A version by number, `$Latest` or `$Default`. @throws AwsError `InvalidLaunchTemplateId.VersionNotFound` */
export function versionOf(template: LaunchTemplate, version: string): TemplateVersion {
  const aliases: Readonly<Record<string, number>> = {
    $Latest: template.latestVersion,
    $Default: template.defaultVersion,
  };
  const number = aliases[version] ?? Number(version);
  const found = template.versions.find((each) => each.number === number);
  if (found) return found;
  throw new AwsError(
    "InvalidLaunchTemplateId.VersionNotFound",
    `Could not find the specified version ${version} for the launch template with ID ${template.id}.`,
  );
}

function createTemplate(engine: Engine, input: ec2.CreateLaunchTemplateCommandInput, caller: string): LaunchTemplate {
  const { context, store } = engine;
  const name = required(input.LaunchTemplateName, "LaunchTemplateName");
  if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name)) {
    throw new AwsError("InvalidLaunchTemplateName.MalformedException", `Invalid launch template name: ${name}`);
  }
  if (store.launchTemplates.list().some((each) => each.name === name)) {
    throw new AwsError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
  }
  const base = newResource(
    context,
    kinds.launchTemplate.prefix,
    tagsOnCreate(input.TagSpecifications, kinds.launchTemplate),
  );
  return store.launchTemplates.add({
    ...base,
    name,
    createdBy: caller,
    defaultVersion: 1,
    latestVersion: 1,
    versions: [
      {
        number: 1,
        ...(input.VersionDescription !== undefined && { description: input.VersionDescription }),
        createdAt: base.createdAt,
        createdBy: caller,
        data: required(input.LaunchTemplateData, "LaunchTemplateData"),
      },
    ],
  });
}

function addVersion(
  engine: Engine,
  input: ec2.CreateLaunchTemplateVersionCommandInput,
  caller: string,
): { template: LaunchTemplate; version: TemplateVersion } {
  const template = templateOf(engine, input);
  const source = input.SourceVersion === undefined ? {} : versionOf(template, input.SourceVersion).data;
  template.latestVersion += 1;
  const version = {
    number: template.latestVersion,
    ...(input.VersionDescription !== undefined && { description: input.VersionDescription }),
    createdAt: engine.context.clock.now(),
    createdBy: caller,
    data: { ...source, ...required(input.LaunchTemplateData, "LaunchTemplateData") },
  };
  template.versions.push(version);
  return { template, version };
}

function chosenVersions(engine: Engine, input: ec2.DescribeLaunchTemplateVersionsCommandInput) {
  const isUnnamed = input.LaunchTemplateId === undefined && input.LaunchTemplateName === undefined;
  const templates = isUnnamed ? engine.store.launchTemplates.list() : [templateOf(engine, input)];
  const first = Number(input.MinVersion ?? 1);
  const last = Number(input.MaxVersion ?? Number.MAX_SAFE_INTEGER);
  return templates.flatMap((template) => {
    const named = input.Versions?.map((version) => versionOf(template, version));
    const newestFirst = template.versions.toReversed();
    const inRange = (named ?? newestFirst).filter(({ number }) => number >= first && number <= last);
    return inRange.map((version) => versionView(template, version));
  });
}

export function launchTemplateHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateLaunchTemplate(input, call) {
      const exists = (id: string) => store.launchTemplates.find(id) !== undefined;
      const caller = call.principal.arn;
      const [id = ""] = engine.tokens.once("CreateLaunchTemplate", input, exists, () => [
        createTemplate(engine, input, caller).id,
      ]);
      return { LaunchTemplate: templateView(store.launchTemplates.get(id)) };
    },

    CreateLaunchTemplateVersion(input, call) {
      const exists = (key: string) => store.launchTemplates.find(key.split("/")[0]) !== undefined;
      const [key = ""] = engine.tokens.once("CreateLaunchTemplateVersion", input, exists, () => {
        const { template, version } = addVersion(engine, input, call.principal.arn);
        return [`${template.id}/${version.number}`];
      });
      const [id = "", number = ""] = key.split("/");
      const template = store.launchTemplates.get(id);
      return { LaunchTemplateVersion: versionView(template, versionOf(template, number)) };
    },

    ModifyLaunchTemplate(input) {
      const template = templateOf(engine, input);
      template.defaultVersion = versionOf(template, required(input.DefaultVersion, "SetDefaultVersion")).number;
      return { LaunchTemplate: templateView(template) };
    },

    DescribeLaunchTemplates(input) {
      const byName = (input.LaunchTemplateNames ?? []).map(
        (name) => templateOf(engine, { LaunchTemplateName: name }).id,
      );
      const ids = [...(input.LaunchTemplateIds ?? []), ...byName];
      const { items, ...next } = select(store.launchTemplates, ids, input, {
        "launch-template-name": (template) => template.name,
        "create-time": (template) => new Date(template.createdAt).toISOString(),
      });
      return { LaunchTemplates: items.map(templateView), ...next };
    },

    DescribeLaunchTemplateVersions(input) {
      if (input.Filters?.length) throw invalidParameter(input.Filters[0]?.Name ?? "", "Filters", "Not emulated.");
      return { LaunchTemplateVersions: chosenVersions(engine, input) };
    },

    DeleteLaunchTemplate(input) {
      const template = templateOf(engine, input);
      store.launchTemplates.remove(template.id);
      engine.tokens.forget(template.id);
      for (const { number } of template.versions) engine.tokens.forget(`${template.id}/${number}`);
      return { LaunchTemplate: templateView(template) };
    },
  };
}
