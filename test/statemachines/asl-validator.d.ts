/** The package ships no declarations; only what the conformance test calls. */
declare module "asl-validator" {
  export default function validate(definition: unknown): { isValid: boolean; errorsText(separator?: string): string };
}
