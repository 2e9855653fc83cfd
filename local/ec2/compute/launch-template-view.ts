import type * as ec2 from "@aws-sdk/client-ec2";
import type { LaunchTemplate } from "../engine/state-compute.ts";
import { tagList } from "../engine/tags.ts";

export function templateView(template: LaunchTemplate): ec2.LaunchTemplate {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: new Date(template.createdAt),
    CreatedBy: template.createdBy,
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: template.latestVersion,
    Tags: tagList(template.tags),
  };
}

export function versionView(
  template: LaunchTemplate,
  version: LaunchTemplate["versions"][number],
): ec2.LaunchTemplateVersion {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: version.number,
    ...(version.description !== undefined && { VersionDescription: version.description }),
    CreateTime: new Date(version.createdAt),
    CreatedBy: version.createdBy,
    DefaultVersion: version.number === template.defaultVersion,
    LaunchTemplateData: responseData(version.data),
  };
}

/** Requests and answers describe a template alike, but for options that only a request or only an answer has. */
function responseData(data: ec2.RequestLaunchTemplateData): ec2.ResponseLaunchTemplateData {
  const { InstanceRequirements, ...members } = data;
  return members;
}
