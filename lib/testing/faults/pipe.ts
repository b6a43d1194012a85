import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
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
const bound = 2 ** 20;
/** A throttle forwards this many slices a second. */
const slices = 20;
/** Timers that are set for longer fire at once. */
const longest = 2 ** 31 - 1;

/** Forwards what a source sends, and how it ends, to a sink. */
export function faultPipe(source: Duplex, sink: Duplex, initial: PipeFaults): FaultPipe {
  const backlog = faultBacklog();
  let faults = initial;
  let forwarded = 0;
  /** When the last piece was forwarded. */
  let last = -Infinity;
  /** When the source ended. */
  let ended = Infinity;
  let isLost = false;
  let isCut = false;
  let timer: NodeJS.Timeout | undefined;
  let isSkipping = false;

  const wake = (wait: number) => {
    timer = setTimeout(pump, Math.min(wait, longest));
  };

  /** Forwards nothing for a whole turn of the event loop: one immediate alone may end this turn. */
  const skipATurn = () => {
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
    if (backlog.size > bound) source.pause();
    else if (source.isPaused()) source.resume();
    passOnTheEnd();
  }

  function forward(): void {
    while (backlog.size > 0 && !isSkipping && !sink.writableNeedDrain) {
      const now = performance.now();
      const ready = backlog.since + faults.delay + faults.merge;
      const most = Math.min(faults.split, Math.ceil(faults.throttle / slices));
      // Rounding must not make the first byte, which is ready, too young.
      const size = backlog.count(Math.max(now - faults.delay, backlog.since), most);
      const due = Math.max(ready, last) + (size / faults.throttle) * 1000;
      if (due > now) {
        wake(due - now);
        return;
      }
      last = now;
      forwarded += size;
      sink.write(backlog.take(size));
      if (faults.split < Infinity) skipATurn();
    }
  }

  function passOnTheEnd(): void {
    if (faults.stall && !isCut) return;
    const wait = ended + faults.delay - performance.now();
    if (isLost && !isCut) reset(sink);
    else if (ended === Infinity || backlog.size > 0 || !sink.writable) return;
    else if (wait > 0) wake(wait);
    else sink.end();
  }

  source.on('data', (bytes: Buffer) => {
    if (isCut) return;
    backlog.add(bytes, performance.now());
    pump();
  });
  source.on('end', () => {
    ended = Math.min(ended, performance.now());
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
      ended = -Infinity;
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
