import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from '@jest/globals';
import { DurableStorage } from '../../../local/hosted-app/durable-storage.ts';
import { createRoutes } from '../../../local/hosted-app/triggers/http-trigger.ts';
import { listen } from '../../../runtime/http-server.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let closeServer = async (): Promise<void> => {};
afterEach(() => closeServer());

const called = {
  name: 'Start',
  bindings: {},
  callback: () => {},
  triggerName: 'request',
  trigger: {
    type: 'httpTrigger',
    direction: 'in' as const,
    route: 'jobs',
    methods: ['POST'],
    authLevel: 'anonymous',
  },
};

test("a streamed answer survives the garbage collection during the wait for storage: fetch cancels a lost answer's body", async () => {
  const { url, close } = await listen((_request, response) => response.end('{"v":1}'), {
    what: "the app's server",
    port: 0,
  });
  closeServer = close;
  const flush = async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      collectGarbage();
      await nextTurn();
    }
    return 0;
  };
  const [route] = createRoutes({
    functions: [called],
    invoke: async () => null,
    httpUri: url,
    storage: new DurableStorage(flush),
  });
  const request = new Request('http://host.example/api/jobs', { method: 'POST' });
  const answer = await route!.handle(request, {}, {} as never);
  expect(await answer.text()).toBe('{"v":1}');
});
