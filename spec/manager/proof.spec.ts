import { describe, expect, test } from '@jest/globals';
import { createProof } from '../../lib/manager/proof.js';

/** A proof that is asked for at once, and what becomes of it. */
function stage({ isConnected = true } = {}) {
  let pings = 0;
  const proof = createProof(() => {
    if (isConnected) pings++;
    return isConnected;
  });
  const ask = () => {
    const results: boolean[] = [];
    proof.answered$.subscribe((isProven) => results.push(isProven));
    return results;
  };
  return { proof, ask, pings: () => pings };
}

describe('the proof that a server is there', () => {
  test('is the second pong: the first may answer the ping of a heartbeat', () => {
    const { proof, ask, pings } = stage();
    const results = ask();
    expect(pings()).toBe(2);
    proof.ponged();
    expect(results).toEqual([]);
    proof.ponged();
    expect(results).toEqual([true]);
  });

  test('asked for by several at once, waits for the pings of each', () => {
    const { proof, ask } = stage();
    const [first, second] = [ask(), ask()];
    proof.ponged();
    proof.ponged();
    expect([first, second]).toEqual([[true], []]);
    proof.ponged();
    proof.ponged();
    expect(second).toEqual([true]);
  });

  test('fails without a connection', () => {
    expect(stage({ isConnected: false }).ask()).toEqual([false]);
  });

  test('fails when the connection is lost: pongs of the next one prove nothing', () => {
    const { proof, ask } = stage();
    const results = ask();
    proof.ponged();
    proof.lost();
    expect(results).toEqual([false]);
    proof.ponged();
    proof.ponged();
    expect(results).toEqual([false]);
  });

  test('of the next connection counts from nothing', () => {
    const { proof, ask } = stage();
    ask();
    proof.lost();
    const results = ask();
    proof.ponged();
    proof.ponged();
    expect(results).toEqual([true]);
  });
});
