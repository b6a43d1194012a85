import type { Terminal } from '../../lib/cli/terminal.js';

/** A terminal that keeps what is written, for one line of input: Ctrl-C. */
export function fakeTerminal(coloured = false, columns = Infinity) {
  const interrupt = new AbortController();
  const written = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => {
      written.out += text;
    },
    waiting: () => 0,
    err: (text) => {
      written.err += text;
    },
    coloured,
    columns,
    interrupted: interrupt.signal,
  };
  return {
    terminal,
    written,
    interrupt: () => {
      interrupt.abort();
    },
  };
}
