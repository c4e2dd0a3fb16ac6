/**
 * What the tokenizer must look ahead for in LaTeX: environments, labels at braces, named sets of numbers.
 *
 * @module
 */

export { alignsSigns, CYCLIC, DOMAIN, isAlignment, labelAtBrace, RAISED_ORDINAL } from "./lookahead.ts";
