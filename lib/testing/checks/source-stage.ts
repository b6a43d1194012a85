import type { CodexStream } from '../../stream/index.js';
import type { Check } from './check.js';

/** A stream to check, and its server, which a check plays. */
export interface SourceStage {
  /** It was not connected yet. After a loss it has to reconnect by itself within a second. */
  readonly stream: CodexStream;
  /** The server sends a notification of Codex, `item/agentMessage/delta` for example. */
  readonly notify: (method: string, params: object) => void;
  /** The server sends a server request of Codex with this id; again, if it has sent it before. */
  readonly ask: (id: number, method: string, params: object) => void;
  /** The ids of the answers that the server has got, with every repetition. */
  readonly answered: () => readonly number[];
  /** The server sends a frame that cannot be read. */
  readonly garble: () => void;
  /** The server cuts the connection off, and is there for the next one. */
  readonly drop: () => void;
  /** Ends the server. The stream has been closed by then. */
  readonly close: () => Promise<void>;
}

/** One thing that a source must hold to. */
export type SourceCheck = Check<SourceStage>;
