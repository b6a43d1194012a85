/** The colours of a terminal, as ANSI numbers. */
const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };

export type Colour = keyof typeof codes;

/** Colours text, or leaves it as it is where colours are not wanted. */
export type Paint = (colour: Colour, text: string) => string;

export const createPaint =
  (coloured: boolean): Paint =>
  (colour, text) =>
    coloured ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
