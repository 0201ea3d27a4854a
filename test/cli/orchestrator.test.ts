import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobLog } from '../../compute/client/index.ts';
import { runCoxswain } from '../fixtures/cli-process.ts';
import { createDataFolders } from '../fixtures/data-folders.ts';
import { computeJob, jobId, taskJob } from '../fixtures/jobs.ts';

/* `--orchestrator` and its credential. The servers answer as other things than an orchestrator would. */

const folder = createDataFolders();
const key = 'the-secret-key-of-this-test';

/** The paths that a test's server was asked for, with the credential. */
const asked: string[] = [];
let respond: RequestListener = () => {};
const server = createServer((request, response) => {
  const { 'x-functions-key': sent, authorization } = request.headers;
  asked.push(`${request.url} ${sent?.toString() ?? authorization ?? ''}`);
  respond(request, response);
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const answer =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
const problem = (code: string, message: string) =>
  JSON.stringify({ error: { code, field: null, message, expected: null, received: null } });

const list = (environment: NodeJS.ProcessEnv = { COXSWAIN_KEY: key }, ...args: string[]) =>
  runCoxswain(['jobs', '--orchestrator', url, ...args], { environment });

describe('something else than an orchestrator that answers is explained in one line', () => {
  test.each<[string, RequestListener, number, string]>([
    ['HTML', answer(200, '<!doctype html><p>Hi'), 5, 'received a response (200) that is not JSON'],
    ['a page that is not found', answer(404, '<p>404'), 5, 'received a response (404) that is not JSON'],
    ['a redirect', answer(302, '', { location: 'https://elsewhere.test/' }), 5, 'a redirect (302)'],
    ['other JSON', answer(200, '{"hello":1}'), 5, "orchestrator's answer is invalid"],
    ['a fault', answer(500, problem('internal', 'Out of order')), 5, 'answered 500: Out of order'],
    [
      'an unknown key',
      answer(401, problem('unauthorized', 'no')),
      6,
      'does not accept this credential (401)',
    ],
    [
      'a person',
      answer(403, problem('forbidden', 'the token must be of an application itself')),
      6,
      'of an application itself',
    ],
    [
      'a wrong filter',
      answer(400, problem('invalid-parameter', 'thread: expected it')),
      2,
      'thread: expected',
    ],
  ])('%s', async (_what, responder, expected, says) => {
    respond = responder;
    const { code, stdout, stderr } = await list();
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(says);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(url);
    expect(stderr).not.toContain(key);
  });

  test('nothing at all', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const args = ['jobs', '--orchestrator', `http://127.0.0.1:${port}`];
    const { code, stderr } = await runCoxswain(args, { environment: { COXSWAIN_KEY: key } });
    expect([code, stderr]).toEqual([
      5,
      `Cannot reach the orchestrator at http://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}.\n`,
    ]);
  });
});

test('a reader of a pipe that is slower than the command gets all of the answer', async () => {
  const text = 'x'.repeat(262_144);
  const log: JobLog = { v: 1, id: jobId('b'), text, bytes: text.length, truncated: false };
  respond = ({ url: path }, response) =>
    void response.end(JSON.stringify(path?.includes('/log') ? log : taskJob()));
  const shell = `"${process.execPath}" cli/guard.cjs cli/coxswain.ts "$@" | (sleep 2; wc -c)`;
  const args = ['-c', shell, 'sh', 'logs', jobId('b'), '--orchestrator', url];
  const { stdout, stderr } = await runCoxswain(args, {
    program: ['sh'],
    environment: { COXSWAIN_KEY: key },
  });
  expect([stdout.trim(), stderr]).toEqual([String(text.length), '']);
});

test('numbers of a file with parameters keep their digits', async () => {
  const bodies: string[] = [];
  respond = (request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
    request.on('end', () => response.writeHead(202).end(JSON.stringify({ id: jobId('a') })));
  };
  const args = ['Deploy', '--parameters', '-', '--detach', '--orchestrator', url];
  const { code, stdout } = await runCoxswain(['run', ...args], {
    environment: { COXSWAIN_KEY: key },
    input: '{"version": 1.10, "account": 12345678901234567890, "force": true}',
  });
  expect([code, stdout]).toEqual([0, `${jobId('a')}\n`]);
  expect(JSON.parse(bodies.join(''))).toMatchObject({
    parameters: [
      { name: 'version', value: '1.10' },
      { name: 'account', value: '12345678901234567890' },
      { name: 'force', value: 'true' },
    ],
  });
});

describe('the command that is suggested after a refused run', () => {
  const refuse = (field: string | null, tasks: unknown) => {
    const error = { code: 'invalid-parameter', field, message: 'No', expected: null, received: null };
    respond = ({ method }, response) =>
      method === 'POST'
        ? void response.writeHead(400).end(JSON.stringify({ error }))
        : void response.end(JSON.stringify({ v: 1, tasks, invalid: [] }));
  };
  const scriptParameters = [
    { parameterName: 'database', required: true },
    { parameterName: 'days', parameterType: 'integer' },
    { parameterName: 'password', required: true, secret: true },
  ];
  const backup = { taskName: 'Backup', dockerImage: 'image', scriptName: 'backup.sh', scriptParameters };
  const runBackup = (...args: string[]) =>
    runCoxswain(['run', 'Backup', ...args, '--orchestrator', url], { environment: { COXSWAIN_KEY: key } });

  test('contains no secret value, and says where to put it', async () => {
    refuse('parameters.days', [backup]);
    const { code, stderr } = await runBackup('database=orders', 'days=x', 'password=hunter2', '--json');
    expect([code, stderr]).toEqual([
      2,
      'No\nAdd the missing values, each as name=value, and try again:\n' +
        `  npx --no-install coxswain run Backup database=orders days --parameters FILE --json --orchestrator ${url}\n` +
        'Put the value of password in FILE, so that other programs cannot read it.\n',
    ]);
    expect((await runBackup('databse=hunter2')).stderr).not.toContain('hunter2');
  });

  test.each([
    ['the catalogue has no such task', 'parameters.days', []],
    ['the catalogue cannot be read', 'parameters.days', 'nothing'],
    ['no parameter is wrong', 'taskName', [backup]],
    ['the problem has no field', null, [backup]],
  ])('is missing if %s', async (_what, field, tasks) => {
    refuse(field, tasks);
    expect((await runBackup('database=orders')).stderr).toBe('No\n');
  });
});

test('the command that is suggested after Ctrl-C has the same connection', async () => {
  respond = (_request, response) => void response.end(JSON.stringify(computeJob()));
  const keyFile = join(folder(), 'the key');
  writeFileSync(keyFile, key);
  const args = ['status', jobId('a'), '--wait', '--orchestrator', url, '--key-file', keyFile];
  const { code, stderr } = await runCoxswain(args, { interruptAt: 'running' });
  expect(code).toBe(130);
  expect(stderr).toContain(` cancel aaaaaaaa --orchestrator ${url} --key-file '${keyFile}'\n`);
});

describe('an address that must not get a credential', () => {
  test.each([
    ['http://orchestrator.example.com', 'an https address', '"http://orchestrator.example.com"'],
    ['https://user:hunter2@example.com', 'an https address', '"https://example.com"'],
    ['ftp://example.com', 'an https address', '"ftp://example.com"'],
    ['example.com', 'an https address', 'a value that is not an address'],
    ['https://example.com/api', 'the address without /api', ''],
    ['https://example.com/?code=hunter2', 'the address without /api, query and fragment', ''],
  ])('%s', async (address, says, received) => {
    const args = ['jobs', '--orchestrator', address];
    const { code, stderr } = await runCoxswain(args, { environment: { COXSWAIN_KEY: key } });
    expect(code).toBe(2);
    expect(stderr).toContain(`--orchestrator: expected ${says}`);
    expect(stderr).toContain(received);
    expect(stderr).not.toContain('hunter2');
  });
});

describe('the credential', () => {
  beforeAll(() => {
    respond = answer(401, problem('unauthorized', 'no'));
  });
  const write = (text: string): string => {
    const path = join(folder(), 'secret');
    writeFileSync(path, text);
    return path;
  };
  /** Returns an unsigned token with these claims. */
  const token = (claims: object): string =>
    ['{"alg":"RS256"}', JSON.stringify(claims), 'x']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');

  test('is a key, or a token, of the environment or of a file', async () => {
    asked.length = 0;
    const workflow = token({ repository_id: '1' });
    await list({ COXSWAIN_KEY: key });
    await list({}, '--key-file', write(`${key}\n`));
    await list({ COXSWAIN_TOKEN: workflow });
    await list({ COXSWAIN_KEY: 'another' }, '--token-file', write(workflow));
    const environment = { COXSWAIN_ORCHESTRATOR_URL: url, COXSWAIN_KEY: key };
    await runCoxswain(['status', `job-${'a'.repeat(32)}`], { environment });
    const jobs = '/api/jobs?top=21';
    expect(asked).toEqual([
      `${jobs} ${key}`,
      `${jobs} ${key}`,
      `${jobs} Bearer ${workflow}`,
      `${jobs} Bearer ${workflow}`,
      `/api/jobs/job-${'a'.repeat(32)} ${key}`,
    ]);
  });

  test.each([
    [{ tid: 't', scp: 'user_impersonation', appid: 'a' }],
    [{ tid: 't', idtyp: 'user', appid: 'a' }],
  ])('is not the token of a person: %j', async (claims) => {
    asked.length = 0;
    const { code, stderr } = await list({ COXSWAIN_TOKEN: token(claims) });
    expect([code, asked]).toEqual([6, []]);
    expect(stderr).toContain('The orchestrator accepts only tokens of applications');
  });

  test('is required, and none or two are a mistake', async () => {
    const none = await list({});
    expect([none.code, none.stderr]).toEqual([6, expect.stringContaining('expected a key in COXSWAIN_KEY')]);
    const both = await list({ COXSWAIN_KEY: key, COXSWAIN_TOKEN: 'x' });
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('only one of COXSWAIN_KEY')]);
    const options = await list({}, '--key-file', 'a', '--token-file', 'b');
    expect([options.code, options.stderr]).toEqual([
      2,
      expect.stringContaining('cannot be used with option'),
    ]);
    const local = await list({}, '--data', 'x');
    expect([local.code, local.stderr]).toEqual([2, expect.stringContaining('cannot be used with option')]);
  });

  test.each([
    ['--key-file', '/nowhere/key', 'cannot read /nowhere/key (ENOENT)'],
    ['--key-file', '/', 'cannot read / (EISDIR)'],
  ])('%s %s is refused', async (option, path, says) => {
    const { code, stderr } = await list({}, option, path);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
  });

  test.each(['', 'two\nlines', 'key\u0000', 'ключ'])(
    '%j in a file is refused, and not printed',
    async (text) => {
      const { code, stderr } = await list({}, '--key-file', write(text));
      expect([code, stderr]).toEqual([2, expect.stringContaining('expected a secret of visible ASCII')]);
    },
  );

  test('of an application needs its tenant and client', async () => {
    const environment = { AZURE_CLIENT_SECRET: key };
    const { code, stderr } = await list(environment, '--audience', 'api://x');
    expect([code, stderr]).toEqual([2, expect.stringContaining('AZURE_TENANT_ID and AZURE_CLIENT_ID')]);
  });

  test('of an application that Entra cannot give is explained', async () => {
    const environment = {
      AZURE_TENANT_ID: '11111111-1111-1111-1111-111111111111',
      AZURE_CLIENT_ID: '22222222-2222-2222-2222-222222222222',
      AZURE_CLIENT_SECRET: key,
      AZURE_AUTHORITY_HOST: 'https://127.0.0.1:9',
    };
    const { code, stderr } = await list(environment, '--audience', 'api://x');
    expect(code).toBe(6);
    expect(stderr).toContain('Could not obtain an access token for the orchestrator: ');
    expect(stderr).not.toContain(key);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
