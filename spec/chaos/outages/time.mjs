// Time that passes faster: five minutes fit into a few seconds.

/** How much real time may pass at once, in ms: a process that gets no turn is behind no limit. */
const step = 2;

/**
 * Lets the timers and the clock of this process run faster by a factor: those of clients and of
 * servers, and every limit that they have. Time stands still while the process waits for its turn, so
 * that a loaded machine is no fault of the network. `performance.now()` stays as it is.
 */
export function scaleTime(factor) {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval };
  const realNow = Date.now;
  const begun = realNow();
  const timers = new Set();
  let now = 0;
  let last = performance.now();
  let off = 0;

  function start(task, wait, args, repeats) {
    const every = Math.max(1, Number(wait) || 0);
    const timer = { due: now + every, isRunning: false, fire };
    timer.ref = timer.unref = () => timer;
    timers.add(timer);
    return timer;

    function fire() {
      timer.isRunning = false;
      if (!timers.has(timer)) return;
      if (repeats) timer.due = now + every;
      else timers.delete(timer);
      task(...args);
    }
  }

  const stop = (timer) => {
    if (!timers.delete(timer)) real.clearTimeout(timer);
  };

  const ticker = setInterval(() => {
    const at = performance.now();
    now += factor * Math.min(at - last, step);
    last = at;
    const due = [...timers].filter((timer) => timer.due <= now && !timer.isRunning);
    for (const timer of due.sort((one, other) => one.due - other.due)) {
      timer.isRunning = true;
      setImmediate(timer.fire);
    }
  }, 1);

  Object.assign(globalThis, {
    setTimeout: (task, wait, ...args) => start(task, wait, args, false),
    setInterval: (task, wait, ...args) => start(task, wait, args, true),
    clearTimeout: stop,
    clearInterval: stop,
  });
  Date.now = () => Math.round(begun + now + off);

  const sleep = (wait) => new Promise((resolve) => setTimeout(resolve, wait));
  return {
    factor,
    /** Milliseconds of this time that have passed, whatever the clock is set to. */
    get now() {
      return now;
    },
    /** Resolves after so many ms of this time. */
    sleep,
    /** Resolves with whether it became true within so many ms of this time. */
    async until(isTrue, milliseconds) {
      const deadline = now + milliseconds;
      while (!isTrue()) {
        if (now > deadline) return false;
        await sleep(100);
      }
      return true;
    },
    /** Sets the clock: so many ms before or behind the right time. */
    setClock: (milliseconds) => (off = milliseconds),
    restore() {
      real.clearInterval(ticker);
      Object.assign(globalThis, real);
      Date.now = realNow;
    },
  };
}
