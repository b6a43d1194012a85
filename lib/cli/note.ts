import { visibleText } from '../text/index.js';
import type { Terminal } from './terminal.js';

/** Writes a line about the command itself; it may quote a server or a file. */
export function note({ err }: Pick<Terminal, 'err'>, text: string): void {
  err(`codex-rx: ${visibleText(text)}\n`);
}
