import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { maxTimerMs } from '../../async/index.js';
import { faultBacklog } from './backlog.js';
import type { PipeFaults } from './settings.js';

/** One direction of a connection. */
export interface FaultPipe {
  /** How many bytes were forwarded. */
  readonly forwarded: number;
  set(changes: Partial<PipeFaults>): void;
  /** Ends the sink after what was already read, and loses what comes later. */
  cut(): void;
}

/** The source is paused while more bytes wait. */
const maxWaiting = 2 ** 20;
/** A throttle forwards this many slices a second. */
const slicesPerSecond = 20;

/** Forwards what a source sends, and how it ends, to a sink. */
export function faultPipe(source: Duplex, sink: Duplex, initial: PipeFaults): FaultPipe {
  const backlog = faultBacklog();
  let faults = initial;
  let forwarded = 0;
  /** When the last piece was forwarded. */
  let lastForwarded = -Infinity;
  /** When the source ended. */
  let endedAt = Infinity;
  let isLost = false;
  let isCut = false;
  let timer: NodeJS.Timeout | undefined;
  let isSkipping = false;

  const pumpLater = (wait: number) => {
    timer = setTimeout(pump, Math.min(wait, maxTimerMs));
  };

  /** Forwards nothing for a whole tick of the event loop: one immediate may run in this one. */
  const skipTick = () => {
    isSkipping = true;
    setImmediate(() =>
      setImmediate(() => {
        isSkipping = false;
        pump();
      }),
    );
  };

  function pump(): void {
    clearTimeout(timer);
    if (faults.stall || !sink.writable) backlog.clear();
    forward();
    if (backlog.size > maxWaiting) source.pause();
    else if (source.isPaused()) source.resume();
    forwardEnd();
  }

  function forward(): void {
    while (backlog.size > 0 && !isSkipping && !sink.writableNeedDrain) {
      const now = performance.now();
      const ready = backlog.since + faults.delay + faults.merge;
      const most = Math.min(faults.split, Math.ceil(faults.throttle / slicesPerSecond));
      // Rounding must not make the first byte, which is ready, too young.
      const size = backlog.count(Math.max(now - faults.delay, backlog.since), most);
      const due = Math.max(ready, lastForwarded) + (size / faults.throttle) * 1000;
      if (due > now) {
        pumpLater(due - now);
        return;
      }
      lastForwarded = now;
      forwarded += size;
      sink.write(backlog.shift(size));
      if (faults.split < Infinity) skipTick();
    }
  }

  function forwardEnd(): void {
    if (faults.stall && !isCut) return;
    const wait = endedAt + faults.delay - performance.now();
    if (isLost && !isCut) reset(sink);
    else if (endedAt === Infinity || backlog.size > 0 || !sink.writable) return;
    else if (wait > 0) pumpLater(wait);
    else sink.end();
  }

  source.on('data', (bytes: Buffer) => {
    if (isCut) return;
    backlog.add(bytes, performance.now());
    pump();
  });
  source.on('end', () => {
    endedAt = Math.min(endedAt, performance.now());
    pump();
  });
  source.on('error', () => {
    isLost = true;
    pump();
  });
  sink.on('drain', pump);
  sink.on('close', pump);

  return {
    get forwarded() {
      return forwarded;
    },
    set(changes) {
      faults = { ...faults, ...changes };
      pump();
    },
    cut() {
      isCut = true;
      endedAt = -Infinity;
      pump();
    },
  };
}

/** Ends a connection with RST, or as near to it as its state allows. */
export function reset(socket: Duplex | Socket): void {
  // Node leaks the handle of a socket that is reset in the very moment that it sends its FIN.
  const { writableEnded, writableFinished, writableLength } = socket;
  const isShutting = writableEnded && !writableFinished && writableLength === 0;
  const canReset = 'resetAndDestroy' in socket && !socket.connecting && !socket.destroyed;
  if (canReset && !isShutting) socket.resetAndDestroy();
  else socket.destroy();
}
