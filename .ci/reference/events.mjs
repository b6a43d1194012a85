import { cell, code } from './source.mjs';

/** Every event that the types list. */
export function eventsPage(source) {
  const { checker, typeOf, docOf } = source;
  const membersOf = (path, name) => checker.getPropertiesOfType(typeOf(path, name));
  const nameOf = (symbol) =>
    checker.typeToString(checker.getTypeOfSymbol(symbol)).split('.').at(-1);

  const payloadOf = (symbol) => {
    const event = checker.getTypeOfSymbol(symbol);
    const payload = checker.getPropertyOfType(event, 'payload');
    return checker.typeToString(checker.getTypeOfSymbol(payload));
  };

  function table(prefix, params, ids, names) {
    const idsOf = new Map(
      ids.map((symbol) => [symbol.name, checker.typeToString(checker.getTypeOfSymbol(symbol))]),
    );
    const wireOf = new Map(
      names.map((symbol) => [checker.getTypeOfSymbol(symbol).value, symbol.name]),
    );
    const rows = params.map((symbol) => {
      const always =
        idsOf.get(symbol.name)?.replaceAll('"', '').replace('never', '').replace(' | ', ', ') ?? '';
      const type = prefix + wireOf.get(symbol.name);
      const since = docOf(symbol);
      return `| ${code(symbol.name)} | ${code(type)} | ${cell(always)} | ${code(nameOf(symbol))} | ${cell(since)} |`;
    });
    return [
      '| method | event type | ids it always has | `payload.params` | |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n');
  }

  const notifications = 'lib/protocol/notifications.ts';
  const requests = 'lib/protocol/requests.ts';
  const names = 'lib/protocol/names.ts';
  const own = membersOf('lib/envelope/manager-event.ts', 'ManagerEvents');

  return [
    '# Events',
    'This page is generated from the types, and those from the schema of codex. `ofAppServer` and `ofAppServerRequest` ' +
      'take the methods, `ofType` the event types. A server may send others: they pass, with an unknown payload.',
    '## Notifications',
    table(
      'app_server.',
      membersOf(notifications, 'NotificationParams'),
      membersOf(notifications, 'NotificationIds'),
      membersOf(names, 'NotificationNames'),
    ),
    '## Server requests',
    table(
      'app_server.request.',
      membersOf(requests, 'ServerRequestParams'),
      membersOf(requests, 'ServerRequestIds'),
      membersOf(names, 'ServerRequestNames'),
    ),
    '## Events of codex-manager',
    [
      '| event type | `payload` |',
      '| --- | --- |',
      ...own.map((symbol) => `| ${code(symbol.name)} | ${cell(code(payloadOf(symbol)))} |`),
    ].join('\n'),
  ].join('\n\n');
}
