import { describe, expect, test } from '@jest/globals';
import { createRouter, type StreamRouter } from 'codex-rx';
import {
  appServerSettings,
  type AppServerStreamOptions,
} from '../../lib/app-server/app-server-options.js';

describe('appServerSettings', () => {
  test('has defaults', () => {
    const { stream, ...settings } = appServerSettings({});
    expect(settings).toEqual({
      callTimeout: 60_000,
      overdueAfter: 30_000,
      resync: null,
      refuses: false,
      drift: false,
      initialize: {
        clientInfo: { name: 'codex-rx', title: 'codex-rx', version: '0.0.0' },
        capabilities: { experimentalApi: false, optOutNotificationMethods: [] },
      },
    });
    expect(stream).toMatchObject({ connectTimeout: 10_000 });
  });

  test('takes what is given', () => {
    const resync = () => ({ recovered: [], complete: true, error: null });
    expect(
      appServerSettings({
        client: { name: 'mine', version: '1.2.3' },
        experimental: true,
        optOut: ['item/agentMessage/delta', 'made/up'],
        callTimeout: 5,
        overdueAfter: Infinity,
        unhandledRequests: 'refuse',
        drift: true,
        router: createRouter(),
        resync,
        linger: 7,
      }),
    ).toMatchObject({
      callTimeout: 5,
      overdueAfter: 2 ** 31 - 1,
      refuses: true,
      drift: true,
      resync,
      stream: { linger: 7 },
      initialize: {
        clientInfo: { name: 'mine', title: 'mine', version: '1.2.3' },
        capabilities: {
          experimentalApi: true,
          optOutNotificationMethods: ['item/agentMessage/delta', 'made/up'],
        },
      },
    });
  });

  const foreign: StreamRouter = { on: createRouter().on, dispatch() {}, errors$: null as never };

  test.each<[string, unknown, AppServerStreamOptions?]>([
    ['drift', { drift: 'yes' }],
    ['client.name', { client: { name: '' } }],
    ['client.name', { client: { name: 'zwölf' } }],
    ['client.name', { client: { name: 'a\r\nb: c' } }],
    ['client.name', { client: { name: 5 } }],
    ['client.title', { client: { title: '' } }],
    ['client.version', { client: { version: null } }],
    ['experimental', { experimental: 1 }],
    ['optOut', { optOut: 'item/started' }],
    ['optOut', { optOut: [5] }],
    ['callTimeout', { callTimeout: -1 }],
    ['callTimeout', { callTimeout: 'soon' }],
    ['overdueAfter', { overdueAfter: NaN }],
    ['unhandledRequests', { unhandledRequests: 'ignore' }],
    ['unhandledRequests', { unhandledRequests: 'refuse', router: foreign }],
    ['resync', { resync: true }],
    ['resync', { resync: false }],
    ['router', { router: {} }],
    ['connectTimeout', { connectTimeout: -1 }],
    ['heartbeat.interval', { heartbeat: { interval: -1 } }],
    ['reconnect', { reconnect: 5 }],
    ['transport', { transport: 'ws' }],
    ['signal', { signal: 5 }],
  ])('refuses a wrong %s with a TypeError that names it: %j', (name, options) => {
    expect(() => appServerSettings(options as AppServerStreamOptions)).toThrow(TypeError);
    expect(() => appServerSettings(options as AppServerStreamOptions)).toThrow(`"${name}" must be`);
  });

  test('a router of one’s own will do where nothing is refused', () => {
    expect(appServerSettings({ router: foreign }).refuses).toBe(false);
  });
});
