/**
 * A cursor over tokens that counts depth and work.
 *
 * @module
 */

import type { Budget } from "../expression/mod.ts";
import type { Token } from "./number_scanner.ts";

/** How deep groups may be nested. */
export const MAX_DEPTH = 100;

const END: Token = { kind: "end", text: "", spaced: false };

/** Walks over tokens; parsers extend it. */
export abstract class TokenReader {
  /** Pays for the parser's work. */
  protected readonly budget: Budget;
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  /** Opens a reader at the first token. */
  constructor(tokens: readonly Token[], budget: Budget) {
    this.#tokens = [...tokens];
    this.budget = budget;
  }

  /** The token some places ahead, without consuming it. */
  protected peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  /** Where the reader stands; {@linkcode rewind} goes back there. */
  protected position(): { readonly at: number; readonly depth: number } {
    return { at: this.#at, depth: this.#depth };
  }

  /** Goes back to where the reader stood. */
  protected rewind({ at, depth }: { readonly at: number; readonly depth: number }): void {
    this.#at = at;
    this.#depth = depth;
  }

  /** Is a word the token some places ahead? Its text in lower case, or the empty text. */
  protected word(ahead = 0): string {
    const { kind, text } = this.peek(ahead);
    return kind === "word" ? text.toLowerCase() : "";
  }

  /** Moves over tokens. */
  protected skip(count: number): void {
    this.#at += count;
  }

  /** Puts another token in the place of the next one. */
  protected replace(token: Token): void {
    this.#tokens[this.#at] = token;
  }

  /** Is a sign the token some places ahead? */
  protected is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "mark" && token.text === text;
  }

  /**
   * Consumes a sign.
   *
   * @throws {SyntaxError} If another token stands here.
   */
  protected expect(text: string): void {
    if (!this.is(text)) throw this.unexpected();
    this.#at++;
  }

  /** The error for a token that cannot stand here. */
  protected unexpected(): SyntaxError {
    const { kind, text } = this.peek();
    return new SyntaxError(
      kind === "end" ? "it ends too early" : `"${text.slice(0, 20)}" cannot stand where it does`,
    );
  }

  /**
   * Enters a nested part.
   *
   * @throws {SyntaxError} If it is nested too deep.
   */
  protected enter(): void {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} levels`);
  }

  /** Leaves a nested part. */
  protected leave(): void {
    this.#depth--;
  }
}
