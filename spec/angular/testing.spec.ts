import { ApplicationRef } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { describe, expect, test } from '@jest/globals';
import { ofAppServer } from 'codex-rx';
import { injectEnvelopes, injectRequests, injectStatus } from 'codex-rx/angular';
import { provideCodexTesting } from 'codex-rx/angular/testing';
import { alphabet, marbles } from 'codex-rx/testing';
import { scan } from 'rxjs';
import { application, component, show, textOf } from './support/stage.js';

class Shown {
  readonly status = injectStatus();
  readonly requests = injectRequests();
}
const template = '{{ status().state }}: {{ requests().length }}';

describe('provideCodexTesting', () => {
  test('plays a diagram once the component is there; whenStable() waits for its end', async () => {
    TestBed.configureTestingModule({
      providers: application(provideCodexTesting('-t-r-s-q')),
    });
    const fixture = show(component(template, Shown));
    await fixture.whenStable();
    expect(textOf(fixture)).toBe('open: 1');
  });

  test('plays letters of a test', async () => {
    TestBed.configureTestingModule({
      providers: application(
        provideCodexTesting('-x-y-|', { values: { x: alphabet.t, y: alphabet.r } }),
      ),
    });
    const fixture = show(component(template, Shown));
    await fixture.whenStable();
    expect(textOf(fixture)).toBe('closed: 0');
  });

  test('writes as virtual time advances, within marbles', () => {
    const fixture = marbles(({ stream, flush }) => {
      TestBed.configureTestingModule({
        providers: application(
          provideCodexTesting(stream('-t-r--!--^--', undefined, { log: false })),
        ),
      });
      const fixture = show(component(template, Shown));
      const { status, requests } = fixture.componentInstance;
      flush();
      expect([status().state, requests().length]).toEqual(['open', 1]);
      return fixture;
    });
    return fixture.whenStable().then(() => {
      expect(textOf(fixture)).toBe('open: 1');
    });
  });

  test('a test that waits for nothing does not hang, and an application that ends in between neither', async () => {
    TestBed.configureTestingModule({ providers: application(provideCodexTesting('-t-d-')) });
    const texts: string[] = [];
    TestBed.runInInjectionContext(() => {
      injectEnvelopes(
        ofAppServer('item/agentMessage/delta'),
        scan((text, { payload }) => text + payload.params.delta, ''),
      ).subscribe((text) => texts.push(text));
    });
    await TestBed.inject(ApplicationRef).whenStable();
    expect(texts).toEqual(['Hello']);
    TestBed.resetTestingModule();
    TestBed.configureTestingModule({ providers: application(provideCodexTesting('-t-d-')) });
    TestBed.runInInjectionContext(() => injectStatus());
    TestBed.resetTestingModule();
  });
});
