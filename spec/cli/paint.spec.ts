import { expect, it } from '@jest/globals';
import { createPaint } from '../../lib/cli/paint.js';

it('colours text for a terminal, and ends the colour with the text', () => {
  expect(createPaint(true)('red', 'no')).toBe('\u001b[31mno\u001b[0m');
});

it('leaves text as it is where colours are not wanted', () => {
  expect(createPaint(false)('red', 'no')).toBe('no');
});
