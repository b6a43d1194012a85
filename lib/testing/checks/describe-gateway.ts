import { firstValueFrom } from 'rxjs';
import { resolveLazy } from '../../async/index.js';
import { mustBe } from '../../options/index.js';
import { appServerGatewayChecks } from './app-server-gateway-checks.js';
import { describeChecks, type TestFramework } from './check.js';
import { openGatewayClient, type GatewayClient } from './gateway-client.js';
import type { Gateway, GatewayCheck, GatewayVisit } from './gateway.js';
import { managerGatewayChecks } from './manager-gateway-checks.js';

/**
 * Checks a server that claims to be codex-manager or `codex app-server`, such as a proxy of yours,
 * against what clients expect of it: a test for each rule. Node only.
 *
 * @param framework Default: the global `describe` and `it`.
 *
 * @example
 * describeGateway('my proxy', { url: () => proxy.url, emit: (frame) => proxy.broadcast(frame) });
 * describeGateway('my relay', { url: 'ws://127.0.0.1:4500', protocol: 'app-server' });
 *
 * @throws TypeError that names the option that is wrong.
 */
export function describeGateway(
  name: string,
  gateway: Gateway,
  framework: TestFramework = globalThis as unknown as TestFramework,
): void {
  const { protocol = 'codex-manager' } = gateway;
  const run = (check: GatewayCheck) => runGatewayCheck(check, gateway);
  describeChecks(`${name} as a ${protocol}`, gatewayChecks(gateway), framework, run);
}

/** The checks of a gateway; some need its `emit` or a token. */
export function gatewayChecks(gateway: Gateway): readonly GatewayCheck[] {
  const { protocol = 'codex-manager', emit, headers = {} } = gateway;
  const isKnown = protocol === 'codex-manager' || (protocol as string) === 'app-server';
  mustBe(isKnown, 'protocol', '"codex-manager" or "app-server"', protocol);
  const hasToken = Object.keys(headers).some((name) => /^authorization$/i.test(name));
  const checks = protocol === 'app-server' ? appServerGatewayChecks : managerGatewayChecks;
  const known = { emit: emit !== undefined, authorization: hasToken };
  return checks.filter(({ needs }) => needs === null || known[needs]);
}

/** Runs one check of a gateway. Rejects with an Error that says what was expected. */
export async function runGatewayCheck(check: GatewayCheck, gateway: Gateway): Promise<void> {
  const { headers = {}, emit = () => undefined } = gateway;
  const url = await firstValueFrom(resolveLazy(gateway.url), { defaultValue: '' });
  const base = url.replace(/\/+$/, '');
  const clients: GatewayClient[] = [];
  const visit: GatewayVisit = {
    headers,
    emit,
    async connect(path, own = headers) {
      const client = await openGatewayClient(base.replace(/^http/, 'ws') + path, own);
      clients.push(client);
      return client;
    },
    async rest(path, body) {
      const json = { 'content-type': 'application/json' };
      const response = await fetch(
        base.replace(/^ws/, 'http') + path,
        body
          ? { method: 'POST', headers: { ...headers, ...json }, body: JSON.stringify(body) }
          : { headers },
      );
      const parsed: unknown = await response.json().catch(() => null);
      return {
        status: response.status,
        body: parsed,
      };
    },
  };
  try {
    await check.run(visit);
  } finally {
    for (const client of clients) client.close();
  }
}
