import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from '@jest/globals';
import { createHttpSend } from '../../../compute/client/http-call.ts';
import { createLogStreamOpener } from '../../../compute/client/log-stream.ts';
import { listen } from '../../../runtime/http-server.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let closeServer = async (): Promise<void> => {};
afterEach(() => closeServer());

test("a stream that is read later survives garbage collection: fetch cancels a lost answer's body", async () => {
  const opened = Promise.withResolvers<void>();
  const server = await listen(
    (_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      void opened.promise.then(() =>
        outgoing.end('id: 4\nevent: log\ndata: "text"\n\nevent: end\ndata: null\n\n'),
      );
    },
    { what: 'the test', port: 0 },
  );
  closeServer = server.close;
  const open = createLogStreamOpener(createHttpSend({ url: server.url, key: 'key' }));
  const events = await open('/log', new AbortController().signal);
  for (let turn = 0; turn < 10; turn += 1) {
    collectGarbage();
    await nextTurn();
  }
  opened.resolve();
  expect(await Array.fromAsync(events!)).toEqual([{ kind: 'log', text: 'text', offset: 4 }, { kind: 'end' }]);
});
