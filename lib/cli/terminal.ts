/** What a command needs of the terminal that it runs in. */
export interface Terminal {
  /** Writes what was asked for. */
  readonly out: (text: string) => void;
  /** How many bytes of that are not read yet. */
  readonly waiting: () => number;
  /** Writes status and failures. */
  readonly err: (text: string) => void;
  readonly coloured: boolean;
  /** How many characters fit into a line; `Infinity` in a pipe or a file. */
  readonly columns: number;
  /** Aborted when the user ends the command, or when the reader of its output has left. */
  readonly interrupted: AbortSignal;
}
