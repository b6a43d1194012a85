/** What an error says, whatever was thrown. */
export const messageOf = (error: unknown): string =>
  (error as Partial<Error> | undefined)?.message ?? String(error);
