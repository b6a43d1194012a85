import { describe, expect, test } from '@jest/globals';
import { networkHints } from '../../lib/socket/network-hints.js';

/** A browser's window and document, which count their listeners. */
class Target extends EventTarget {
  listeners = 0;
  visibilityState = 'visible';

  override addEventListener(type: string, listener: () => void): void {
    this.listeners++;
    super.addEventListener(type, listener);
  }

  override removeEventListener(type: string, listener: () => void): void {
    this.listeners--;
    super.removeEventListener(type, listener);
  }

  tell(type: string): void {
    this.dispatchEvent(new Event(type));
  }
}

describe('networkHints', () => {
  test('tells online, offline, and that the page is seen again', () => {
    const document = new Target();
    const page = Object.assign(new Target(), { document });
    const hints: string[] = [];
    const subscription = networkHints(page).subscribe((hint) => hints.push(hint));
    page.tell('offline');
    page.tell('online');
    document.visibilityState = 'hidden';
    document.tell('visibilitychange');
    expect(hints).toEqual(['offline', 'online']);
    document.visibilityState = 'visible';
    document.tell('visibilitychange');
    subscription.unsubscribe();
    page.tell('online');
    expect(hints).toEqual(['offline', 'online', 'visible']);
    expect([page.listeners, document.listeners]).toEqual([0, 0]);
  });

  test('a worker has no document', () => {
    const worker = new Target();
    const hints: string[] = [];
    networkHints(worker).subscribe((hint) => hints.push(hint));
    worker.tell('online');
    expect(hints).toEqual(['online']);
  });

  test('Node has none, and says so at once', () => {
    let complete = false;
    networkHints().subscribe({ complete: () => (complete = true) });
    expect(complete).toBe(true);
  });
});
