/**
 * Asks for the passphrase of a key.
 *
 * @module
 */

/** The environment variable that holds the passphrase. */
const VARIABLE = "BUPO_KEY_PASSPHRASE";

const END_OF_TEXT = 3,
  END_OF_TRANSMISSION = 4,
  BACKSPACE = 8,
  LINE_FEED = 10,
  CARRIAGE_RETURN = 13,
  DELETE = 127;

/** Reads a line from the terminal without showing it. */
function readHidden(question: string): string | undefined {
  Deno.stderr.writeSync(new TextEncoder().encode(question));
  Deno.stdin.setRaw(true);
  try {
    const typed: number[] = [], byte = new Uint8Array(1);
    while (Deno.stdin.readSync(byte)) {
      const [code = 0] = byte;
      if (code === LINE_FEED || code === CARRIAGE_RETURN) {
        return new TextDecoder().decode(new Uint8Array(typed));
      }
      if (code === END_OF_TEXT || code === END_OF_TRANSMISSION) return undefined;
      if (code === BACKSPACE || code === DELETE) {
        // A character takes several bytes in UTF-8: all but the first begin with the bits 10.
        while (((typed.pop() ?? 0) & 0xc0) === 0x80);
      } else typed.push(code);
    }
    return undefined;
  } finally {
    Deno.stdin.setRaw(false);
    Deno.stderr.writeSync(new Uint8Array([LINE_FEED]));
  }
}

/**
 * The passphrase in `$BUPO_KEY_PASSPHRASE`, or what is typed at the terminal; `undefined` if there is neither, or the
 * question was broken off.
 *
 * @param question What is asked for, with a colon.
 */
export function askPassphrase(question = "Passphrase of the key: "): Promise<string | undefined> {
  const given = Deno.env.get(VARIABLE);
  if (given !== undefined) return Promise.resolve(given);
  return Promise.resolve(Deno.stdin.isTerminal() ? readHidden(question) : undefined);
}
