/**
 * Lists of keys that a reader trusts.
 *
 * @module
 */

import { keyKinds, type PublicKey, publicKeyFromSpki } from "./keys.ts";
import { readKeyFile } from "./key_files.ts";
import { readPem } from "./pem.ts";
import { parseSshKey } from "./public_forms.ts";

/** A key that the reader trusts. */
export interface TrustedKey {
  /** The key. */
  readonly key: PublicKey;
  /** Whose it is, if the list says so. */
  readonly owner: string | null;
}

/** The longest name of an owner, in UTF-16 units. */
const LONGEST_OWNER = 200;

/** A word of a line, spaces in quotes included. */
const WORD = /(?:"(?:\\.|[^"\\])*"?|[^\s"])+/g;

/**
 * The options without a value of OpenSSH's `authorized_keys` and `allowed_signers`. Each forbids or restricts something
 * that nobody here would heed, so a line with one is refused. Those with a value have a `=`.
 */
const BARE_OPTIONS: readonly RegExp[] = [
  /^cert-authority$/i,
  /^restrict$/i,
  /^verify-required$/i,
  /^(no-)?(agent-forwarding|port-forwarding|pty|user-rc|x11-forwarding|touch-required)$/i,
];

/** What makes the word before a key something else than the name of an owner, or `undefined`. */
function notAnOwner(word: string): string | undefined {
  if (word.startsWith("@")) return `the marker ${JSON.stringify(word)}`;
  if (/[="]/.test(word)) return `the option ${JSON.stringify(word)}`;
  const parts = word.split(",");
  const bare = parts.find((part) => BARE_OPTIONS.some((option) => option.test(part)));
  if (bare !== undefined) return `the option ${JSON.stringify(bare)}`;
  if (parts.length > 1) return `several owners, ${JSON.stringify(word)}`;
  if (/[!*?]/.test(word)) return `the pattern ${JSON.stringify(word)}`;
  if (/[\p{Cc}\p{Cf}]/u.test(word) || !word.isWellFormed()) return "an owner that cannot be shown";
  return word.length > LONGEST_OWNER ? `an owner of more than ${LONGEST_OWNER} characters` : undefined;
}

/** Is a word the name of a kind of SSH key, one that is read here or another? */
function isKeyType(word: string): boolean {
  return /^(ssh|ecdsa|sk)-[a-z0-9@.-]+$/.test(word);
}

/** The key of a line, or `undefined` for a line that says nothing. */
async function parseLine(line: string, where: string): Promise<TrustedKey | undefined> {
  const words = line.trim().match(WORD) ?? [];
  if (words[0] === undefined || words[0].startsWith("#")) return undefined;
  const expected = 'expected "[owner] ssh-ed25519 AAAA… [comment]", without options, or PEM blocks';
  const at = words.findIndex((word, i) => isKeyType(word) && /^AAAA/.test(words[i + 1] ?? ""));
  const before = at < 0 ? words.slice(0, 2) : words.slice(0, at);
  for (const [index, word] of before.entries()) {
    const refused = notAnOwner(word);
    if (refused !== undefined) {
      throw new SyntaxError(`${where} has ${refused}, which is not implemented here; ${expected}`);
    }
    if (at >= 0 && index > 0) {
      throw new SyntaxError(
        `${where} has ${
          JSON.stringify(word)
        } between owner and key, which is not implemented here; ${expected}`,
      );
    }
  }
  const key = at < 0 ? undefined : await parseSshKey(words[at] ?? "", words[at + 1] ?? "");
  if (key) return { key, owner: before[0] ?? null };
  const kinds = Object.values(keyKinds).map(({ sshPrefix }) => sshPrefix[0]).join(" or ");
  throw new SyntaxError(`${where} is no key of the kind ${kinds}; ${expected}`);
}

/**
 * Reads a list of trusted keys: PEM blocks `PUBLIC KEY`, or lines as in OpenSSH's `allowed_signers` and
 * `authorized_keys`: `[owner] ssh-ed25519 AAAA… [comment]`. Markers, patterns and options of these formats are refused
 * wherever they stand, not ignored: whoever wrote one means a key that is not trusted always, or not by everybody.
 *
 * @param source The file's name, for errors.
 * @returns The keys by key id.
 * @throws {SyntaxError} If a line or block is no public key, or has what is not implemented, or there is none: with the
 * line's number.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { parseTrustedKeys } from "./trusted_keys.ts";
 *
 * const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh";
 * const [trusted] = (await parseTrustedKeys(`# our lab\nalice ${line}\n`, "keys")).values();
 * assertEquals(trusted?.owner, "alice");
 * await assertRejects(() => parseTrustedKeys(`restrict ${line}`, "keys"), SyntaxError, 'the option "restrict"');
 * ```
 */
export async function parseTrustedKeys(text: string, source: string): Promise<Map<string, TrustedKey>> {
  const keys = new Map<string, TrustedKey>();
  const blocks = readPem(text);
  for (const { label, der } of blocks) {
    if (label !== "PUBLIC KEY") {
      throw new SyntaxError(`Cannot trust ${source}: expected PEM blocks "PUBLIC KEY", found "${label}"`);
    }
    const key = await publicKeyFromSpki(der, source);
    keys.set(key.keyid, { key, owner: null });
  }
  if (blocks.length > 0) return keys;
  for (const [index, line] of text.split("\n").entries()) {
    const trusted = await parseLine(line, `Cannot trust ${source}: line ${index + 1}`);
    if (trusted) keys.set(trusted.key.keyid, trusted);
  }
  if (keys.size === 0) throw new SyntaxError(`Cannot trust ${source}: there is no key in it`);
  return keys;
}

/**
 * Reads a file as {@linkcode parseTrustedKeys} does.
 *
 * @throws {SyntaxError} If it is no list of public keys.
 */
export async function loadTrustedKeys(path: string): Promise<Map<string, TrustedKey>> {
  return await parseTrustedKeys(await readKeyFile(path), path);
}
