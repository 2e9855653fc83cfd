import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { CfnDocument } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";

const DOCUMENTS = ["member-health", "api-ready", "issue-join-token", "list-nodes"] as const;
export type HostDocument = (typeof DOCUMENTS)[number];

/**
 * The only commands that functions may run on hosts: SSM documents without parameters, their text in infra/documents.
 * Named by us, so that a right to one can be written without a circle.
 */
export class HostDocuments extends Construct {
  readonly names: Readonly<Record<HostDocument, string>>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const nameOf = (document: HostDocument) => `holdfast-${document}`;
    for (const document of DOCUMENTS) {
      const text = readFileSync(join(import.meta.dirname, "../documents", `${document}.sh`), "utf8");
      new CfnDocument(this, document, {
        name: nameOf(document),
        documentType: "Command",
        documentFormat: "JSON",
        updateMethod: "NewVersion",
        content: {
          schemaVersion: "2.2",
          description: `Holdfast: ${document}`,
          mainSteps: [
            {
              action: "aws:runShellScript",
              name: "run",
              inputs: { timeoutSeconds: "60", runCommand: ["#!/bin/bash", ...text.trimEnd().split("\n")] },
            },
          ],
        },
      });
    }
    this.names = Object.fromEntries(DOCUMENTS.map((document) => [document, nameOf(document)])) as Record<
      HostDocument,
      string
    >;
  }

  arn(document: HostDocument): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:ssm:${region}:${account}:document/${this.names[document]}`;
  }
}
