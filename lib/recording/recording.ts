/** The server with which the frames were exchanged. */
export type RecordedProtocol = 'codex-manager' | 'app-server';

/** The first line of a recording. */
export interface RecordingHeader {
  readonly recording: 'codex-rx';
  readonly version: 1;
  readonly protocol: RecordedProtocol;
  /** When it began: ISO 8601. */
  readonly startedAt: string;
  /** Whether secrets were cut out of it. */
  readonly redacted?: boolean;
}

/**
 * Any further line of a recording. `in` is what the server sent, `out` what the client sent:
 * `frame`, or `text` if that is no JSON. `open` and `close` are of the socket, `http` is a call
 * over REST, and a `note` says in words what else happened. There may be more members.
 */
export interface RecordedEntry {
  /** When, in milliseconds since the recording began. */
  readonly t: number;
  /** The name of the socket: each connection has its own. */
  readonly sock?: string;
  readonly dir: 'in' | 'out' | 'http' | 'open' | 'close' | 'note';
  readonly frame?: unknown;
  readonly text?: string;
  readonly note?: string;
}

/** A recording that was read as a whole. */
export interface Recording {
  readonly header: RecordingHeader;
  readonly entries: readonly RecordedEntry[];
  /** Whether the last line is cut off, as a crash leaves it; it is left out. */
  readonly cut: boolean;
}
