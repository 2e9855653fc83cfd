import * as z from "zod";

/** The parts of a CloudFormation template that the local cloud reads. `Rules` and `Metadata` concern deployments only. */
export const TemplateSchema = z.object({
  Description: z.string().optional(),
  Parameters: z
    .record(
      z.string(),
      z.object({ Type: z.string(), Default: z.unknown().optional(), Description: z.string().optional() }),
    )
    .default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DependsOn: z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]),
      Condition: z.string().optional(),
    }),
  ),
  Outputs: z
    .record(
      z.string(),
      z.object({ Value: z.unknown(), Condition: z.string().optional(), Description: z.string().optional() }),
    )
    .default({}),
});

export type Template = z.output<typeof TemplateSchema>;
export type TemplateResource = Template["Resources"][string];

/** CDK's asset manifest: what `cdk deploy` uploads, and to which key. */
export const AssetManifestSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});
