/** What a command needs of its surroundings. */
export interface Terminal {
  /** Writes what was asked for. */
  readonly out: (text: string) => void;
  /** How much of that nobody has read yet, in bytes. */
  readonly waiting: () => number;
  /** Writes what is beside it: status and failures. */
  readonly err: (text: string) => void;
  readonly coloured: boolean;
  /** Aborted when the user wants the command to end, or nobody reads its output any more. */
  readonly interrupted: AbortSignal;
}
