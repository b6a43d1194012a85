import { test } from '@jest/globals';
import {
  connectManager,
  defineSkill,
  remoteSkills,
  type AppServerRequestEvent,
  type ManagerSessionParams,
  type Outgoing,
  type RemoteSkills,
} from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { expectTypeOf } from 'expect-type';
import { z } from 'zod';

const whatever = { name: 'a', description: 'Does a.' };

test('a handler gets what its schema makes of the input', () => {
  defineSkill({
    ...whatever,
    input: z.object({ city: z.string(), days: z.number().default(3) }),
    handler(input, { signal, call }) {
      expectTypeOf(input).toEqualTypeOf<{ city: string; days: number }>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(call.threadId).toEqualTypeOf<string | null>();
    },
  });
  defineSkill({
    ...whatever,
    handler(input) {
      expectTypeOf(input).toBeUnknown();
    },
  });
});

test('a session is made with what its source takes', () => {
  const create = (skills: RemoteSkills<ManagerSessionParams>) => skills.createSession;
  expectTypeOf(create).returns.parameter(0).toEqualTypeOf<ManagerSessionParams | undefined>();
  const ofManager = () => remoteSkills(connectManager({ url: '' }), { skills: [] });
  expectTypeOf(ofManager).returns.toEqualTypeOf<RemoteSkills<ManagerSessionParams>>();
  const ofAppServer = () =>
    remoteSkills(connectAppServer({ url: '', experimental: true }), { skills: [] });
  expectTypeOf(ofAppServer).returns.toEqualTypeOf<
    RemoteSkills<Omit<Outgoing.ThreadStartParams, 'dynamicTools'>>
  >();
});

test('a call is the value of a request, or its event', () => {
  const run = (skills: RemoteSkills, event: AppServerRequestEvent<'item/tool/call'>) =>
    skills.dispatchSync(event).answer;
  expectTypeOf(run).returns.toEqualTypeOf<Outgoing.DynamicToolCallResponse>();
});
