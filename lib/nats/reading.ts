import type { Observable, Subscription } from 'rxjs';
import type { ConsumerSettings } from './consumer-options.js';
import type { Received } from './partition.js';
import type { Shared } from './setup.js';

/** How far a group of workers is behind. */
export interface WorkerLag {
  /**
   * Events of all partitions that no worker of the group has got yet. In mode `leased`: that no
   * checkpoint covers.
   */
  readonly pending: number;
  /** Events that a worker has, and has not acknowledged. In mode `leased`: 0. */
  readonly unacknowledged: number;
}

/** How a worker gets the events of its group while a connection is there: each mode has one. */
export interface Reading {
  /** How what is on the server differs from what the options ask for; `null` if it does not. */
  readonly difference: string | null;
  /** Emits when the server may have removed events before the group got them. */
  readonly overtaken$: Observable<unknown>;
  lag(): Promise<WorkerLag>;
  /** From now on events come, until `life` ends. */
  start(): Promise<void>;
  /** Once `life` has ended: lets others have what this worker had, as soon as its handlers end. */
  leave(): Promise<void>;
  /** Once `life` has ended, and handlers may still run: comes back, or leaves what it had late. */
  abandon(): void;
}

/** What a reading works with. */
export interface ReadingHost {
  readonly shared: Shared;
  readonly settings: ConsumerSettings;
  readonly partitions: number;
  /** The end of the connection, of which nothing more is read then. */
  readonly life: Subscription;
  readonly event: (partition: number, message: Received) => void;
  /** Ends the connection, which comes back. */
  readonly fail: (error: unknown) => void;
}
