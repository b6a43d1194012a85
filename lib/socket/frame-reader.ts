/** Reads a text frame without parsing it: as it came over the wire, or decoded. */
export interface FrameReader<Frame> {
  /** Begins to read a frame, and no other meanwhile: where it starts for the functions below. */
  readonly startOf: (frame: Frame) => number;

  /** A function that tells whether a text of ASCII stands at a place of a frame. */
  readonly standing: (text: string) => (frame: Frame, start: number, from: number) => boolean;

  /**
   * A function that finds what is kept for the text that begins at a place, after its quote: `null`
   * if the text is not {@link isPlain plain}, or too long. Not more than `mostKept` are kept, since
   * they come from the network.
   *
   * @param make Makes what is kept for a text that was not seen before, or was forgotten.
   */
  found<Kept>(
    make: (text: string) => Kept,
  ): (frame: Frame, start: number, from: number) => Kept | null;

  /** A function that tells whether a frame may have one of these texts, perhaps as `\u…`. */
  readonly holding: (texts: readonly string[]) => (frame: Frame) => boolean;
}

/** How many texts are kept: what ten bits can number. */
export const mostKept = 1_024;

/** No type or id is longer. */
export const longestText = 300;

/**
 * Whether a text is ASCII from the space on, without quotes and the backslash: JSON may have
 * written all else in another way.
 */
export const isPlain = (text: string): boolean => /^[ !#-[\]-\x7f]*$/.test(text);
