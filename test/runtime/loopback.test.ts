import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bypassProxyForLoopback } from '../../runtime/loopback.ts';
import { listen, type RunningServer } from '../../runtime/http-server.ts';
import { ForwardProxy } from '../fakes/forward-proxy.ts';
import {
  createProgramFolder,
  toRuntimeModuleUrl,
  type TestProgramFolder,
} from '../fixtures/program-folder.ts';

test.each([
  [{}, {}],
  [{ NO_PROXY: 'a.test' }, { NO_PROXY: 'a.test' }],
  [{ HTTP_PROXY: '' }, { HTTP_PROXY: '' }],
  [{ http_proxy: 'p' }, { http_proxy: 'p', hosts: 'localhost,127.0.0.1,[::1]' }],
  [
    { HTTPS_PROXY: 'p', no_proxy: 'a.test, b.test' },
    { HTTPS_PROXY: 'p', hosts: 'a.test,b.test,localhost,127.0.0.1,[::1]' },
  ],
  [
    { ALL_PROXY: 'p', NO_PROXY: 'a.test,localhost', no_proxy: 'b.test' },
    { ALL_PROXY: 'p', hosts: 'b.test,a.test,localhost,127.0.0.1,[::1]' },
  ],
])('an environment %j becomes one that goes through no proxy to this machine', (given, expected) => {
  const environment: NodeJS.ProcessEnv = { ...given };
  bypassProxyForLoopback(environment);
  const { hosts, ...rest } = expected as Record<string, string>;
  expect(environment).toEqual(hosts === undefined ? rest : { ...rest, no_proxy: hosts, NO_PROXY: hosts });
});

let programs: TestProgramFolder;
let proxy: ForwardProxy;
let asked: string[];
let served: RunningServer;
beforeAll(async () => {
  programs = await createProgramFolder();
});
afterAll(() => programs.remove());
beforeEach(async () => {
  asked = [];
  proxy = await new ForwardProxy().open();
  served = await listen(
    (incoming, outgoing) => {
      asked.push(`${incoming.method} ${String(incoming.headers['x-functions-key'] ?? 'storage')}`);
      outgoing.writeHead(404).end();
    },
    { what: 'the test', port: 0 },
  );
});
afterEach(async () => {
  await Promise.all([proxy.close(), served.close()]);
});

/** What each program of ours does: by `fetch`, and by the client of a storage account. */
const calls = (): string => `
  import { openStorage } from '${pathToFileURL(resolve('compute/storage/open-storage.ts')).href}';
  export const call = async () => {
    await fetch('${served.url}', { headers: { 'x-functions-key': 'key' } });
    const { blobs } = openStorage('DefaultEndpointsProtocol=http;BlobEndpoint=${served.url}/a;QueueEndpoint=${served.url}/a;AccountName=a;AccountKey=a2V5');
    await blobs.get('tasks/x').catch(() => {});
    return 0;
  };`;

test.each([
  ['a program', 'run-program', { HTTP_PROXY: 'PROXY' }],
  ['a program', 'run-program', { https_proxy: 'PROXY', NODE_USE_ENV_PROXY: '1' }],
  [
    'a program',
    'run-program',
    { http_proxy: 'PROXY', HTTPS_PROXY: 'PROXY', NODE_USE_ENV_PROXY: '1', NO_PROXY: 'a.test' },
  ],
  ['a command', 'run-command', { HTTP_PROXY: 'PROXY', https_proxy: 'PROXY', NODE_USE_ENV_PROXY: '1' }],
])('%s calls this machine without the proxy of its environment (%s, %j)', async (_what, kind, given) => {
  await programs.write('calls', calls());
  const main =
    kind === 'run-program'
      ? `import { createLogger } from '${toRuntimeModuleUrl('log.ts')}';
         import { runProgram } from '${toRuntimeModuleUrl('lifecycle.ts')}';
         await runProgram(createLogger('test'), call);`
      : `import { runCli } from '${pathToFileURL(resolve('cli/run-cli.ts')).href}';
         await runCli(call);`;
  const path = await programs.write(kind, `import { call } from './calls.mjs';\n${main}`);
  const named = Object.entries(given).map(([name, value]) => [
    name,
    value.replace('PROXY', `http://${proxy.address}`),
  ]);
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env['PATH'], ...Object.fromEntries(named) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((done) => child.once('close', done));
  expect({ code, asked, throughProxy: proxy.requested }).toEqual({
    code: 0,
    asked: ['GET key', 'GET storage'],
    throughProxy: [],
  });
});
