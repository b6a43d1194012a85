import type { StreamLog } from '../text/index.js';

/** The options of `inspect`. */
export interface InspectOptions {
  /**
   * The port on 127.0.0.1.
   *
   * @default a free one
   */
  readonly port?: number;
  /**
   * The token of the address.
   *
   * @default a random one
   */
  readonly token?: string;
  /**
   * Whether the page only looks: the server refuses whatever would change something.
   *
   * @default false
   */
  readonly readOnly?: boolean;
  /**
   * Gets what failed within the gateway, and the errors of handlers, which the page shows too.
   * `false`: nothing is written.
   *
   * @default console
   */
  readonly log?: StreamLog | false;
}

/** An inspector that is served. */
export interface Inspector {
  /** The address of the page. Its fragment holds the token, which lets a reader answer for you. */
  readonly url: string;
  /** How many pages are open. */
  readonly clients: number;
  /** Ends the pages; the stream goes on. */
  close(): Promise<void>;
}
