/**
 * `deno task keys`: makes signing keys and shows their public halves.
 *
 * @module
 */

import { dirname } from "node:path";
import {
  createKeyFile,
  isInRepository,
  type KeyAlgorithm,
  keyAlgorithms,
  loadSigningKey,
  minisignPublicKey,
  parsePublicKey,
  type PublicKey,
  publicKeyPem,
  signingKeyPath,
  sshPublicKey,
} from "../src/result/mod.ts";
import { writeFileAtomic } from "../src/store.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import { askPassphrase } from "./shared/passphrase.ts";

/** The forms of a public key. */
const forms: Readonly<Record<string, (key: PublicKey) => string | Promise<string>>> = {
  pem: publicKeyPem,
  ssh: (key) => `${sshPublicKey(key)}\n`,
  minisign: minisignPublicKey,
};

/**
 * The kind of key that a flag names.
 *
 * @throws {UsageError} If it names none.
 */
export function algorithmFlag(flags: Flags): KeyAlgorithm | undefined {
  const name = flags.text("algorithm");
  const algorithm = keyAlgorithms.find((known) => known === name);
  if (name !== undefined && !algorithm) {
    throw new UsageError(`Cannot use the algorithm "${name}": expected ${keyAlgorithms.join(" or ")}`);
  }
  return algorithm;
}

/**
 * Where the private key lies that flags and environment name.
 *
 * @throws {UsageError} If `--algorithm` names no kind of key.
 */
export function keyPath(flags: Flags, algorithm: KeyAlgorithm | undefined = algorithmFlag(flags)): string {
  return flags.text("key") ?? signingKeyPath(undefined, algorithm);
}

async function generate(flags: Flags): Promise<void> {
  const path = keyPath(flags);
  if (await isInRepository(path)) {
    throw new UsageError(
      `Cannot make a key at ${path}: it is inside the repository; keep private keys outside`,
    );
  }
  let passphrase: string | undefined;
  if (flags.on("encrypt")) {
    passphrase = await askPassphrase("Passphrase: ");
    if (!passphrase) {
      throw new UsageError(
        "Cannot encrypt the key: set BUPO_KEY_PASSPHRASE or type a passphrase at a terminal",
      );
    }
    if (passphrase !== await askPassphrase("Again: ")) {
      throw new UsageError("Cannot encrypt the key: the passphrases differ");
    }
  }
  try {
    await createKeyFile(path, { algorithm: algorithmFlag(flags), passphrase });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new UsageError(
      `Cannot make a key at ${path}: this task writes to the project and to ~/.config/bupo-bench alone; allow it with "deno run -q -P=keys --no-prompt --allow-write=${
        dirname(path)
      } main.ts keys generate --key ${path}"`,
    );
  }
  const { publicKey } = await loadSigningKey(path, { passphrase: () => Promise.resolve(passphrase) });
  print(`${path}: ${publicKey.algorithm} ${publicKey.keyid}`);
}

/** The public half of a private key's file, or a public key's file itself. */
async function readPublicKey(flags: Flags): Promise<PublicKey> {
  const path = keyPath(flags);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot find a key at ${path}: make one with "deno task keys generate"`);
  }
  if (text.includes("PUBLIC KEY-----")) return await parsePublicKey(text, path);
  return (await loadSigningKey(path, { passphrase: () => askPassphrase() })).publicKey;
}

async function show(flags: Flags): Promise<void> {
  const key = await readPublicKey(flags);
  print(`${key.algorithm} ${key.keyid}`);
}

async function exportKey(flags: Flags): Promise<void> {
  const name = flags.text("format") ?? "pem";
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (!form) {
    throw new UsageError(`Cannot write a key as "${name}": expected ${Object.keys(forms).join(", ")}`);
  }
  const text = await form(await readPublicKey(flags));
  const out = flags.text("out");
  if (out === undefined) print(text.trimEnd());
  else await writeFileAtomic(out, text);
}

const actions: Readonly<Record<string, (flags: Flags) => Promise<void>>> = {
  generate,
  show,
  export: exportKey,
};

/** The command. */
export const command: Command = {
  help: `Usage: deno task keys generate [--algorithm ed25519|p256] [--key FILE] [--encrypt]
       deno task keys show [--key FILE]
       deno task keys export [--key FILE] [--format pem|ssh|minisign] [--out FILE]

generate makes a private key (PKCS #8, mode 0600) outside of the repository and never writes over one.
show prints the fingerprint as ssh-keygen does. export prints the public half. show and export also take
a public key's file.

  --key FILE         default: $BUPO_KEY or ~/.config/bupo-bench/<algorithm>.pem
  --algorithm NAME   ed25519 (default) or p256, which OpenSSF Model Signing needs
  --encrypt          protect the key with a passphrase: $BUPO_KEY_PASSPHRASE, or typed at the terminal
  --format NAME      pem (default), ssh or minisign (Ed25519 alone)
  --out FILE         write to a file instead of standard output

Example: deno task keys export --format ssh`,

  async run(args) {
    const flags = readFlags(args, {
      boolean: ["encrypt"],
      string: ["algorithm", "key", "format", "out"],
      positional: 1,
    });
    const [name = ""] = flags.positional;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) {
      throw new UsageError(`Cannot do "${name}" with keys: expected ${Object.keys(actions).join(", ")}`);
    }
    await action(flags);
    return 0;
  },
};
