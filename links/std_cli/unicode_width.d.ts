/** The number of terminal columns that a text occupies. */
export function unicodeWidth(text: string): number;
