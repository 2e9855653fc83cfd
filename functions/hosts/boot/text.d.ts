/** The bundler turns a shell script into a string (scripts/build.ts). */
declare module "*.sh" {
  const text: string;
  export default text;
}
