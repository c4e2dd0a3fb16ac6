/**
 * What a page that is one file may do: run its own script, and reach nothing.
 *
 * @module
 */

async function hashOf(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(hash).toBase64()}'`;
}

/**
 * The content security policy of a page.
 *
 * @param script The one script that may run, as it stands in the page.
 * @param style The one style sheet.
 * @param further More directives.
 */
export async function contentPolicy(
  script: string,
  style: string,
  further: readonly string[] = [],
): Promise<string> {
  return [
    "default-src 'none'",
    `script-src ${await hashOf(script)}`,
    `style-src ${await hashOf(style)}`,
    ...further,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}
