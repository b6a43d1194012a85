import { expect, test } from '@jest/globals';
import { readRecording } from 'codex-rx';
import * as testing from 'codex-rx/testing';

test('the kit reads recordings as the core does', () => {
  expect(testing.readRecording).toBe(readRecording);
});
