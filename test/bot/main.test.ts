import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../../runtime/child.ts';
import { payloadOf, TestBench, until } from './stand-ins/bench.ts';

const entry = fileURLToPath(new URL('../../bot/main.ts', import.meta.url));

describe('the bot’s program', () => {
  let bench: TestBench;
  const children: Child[] = [];
  beforeEach(async () => {
    bench = await new TestBench().open();
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.stop(5_000)));
    await bench.close();
  });

  const start = async (more: Record<string, string> = {}): Promise<Child> => {
    const ready = Promise.withResolvers<{ ready: true; port: number }>();
    const child = startChild({
      name: 'bot',
      entry,
      environment: { LOG_LEVEL: 'fatal', ...bench.environment(), ...more },
      onMessage: (message) => ready.resolve(message as { ready: true; port: number }),
    });
    children.push(child);
    const { port } = await ready.promise;
    bench.url = `http://127.0.0.1:${port}`;
    return child;
  };

  test('killed before it replied: the next one does, once', async () => {
    const first = await start({ TRACKER_SECONDS: '3600' });
    // As if it had been away for longer than a new job is left to its webhook.
    bench.orchestrator.age = 10_000;
    const never = Promise.withResolvers<void>();
    bench.github.creating = never.promise;
    const { comment, status } = await bench.say('/compute 10');
    expect(status).toBe(200);
    first.signal('SIGKILL');
    await first.ended;
    bench.github.creating = Promise.resolve();
    await start();
    await bench.reply(comment);
    expect((await bench.deliver(payloadOf(comment))).status).toBe(200);
    expect(bench.orchestrator.starts).toBe(1);
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('SIGTERM: what is under way is finished, and the end is 0', async () => {
    const child = await start();
    const slow = Promise.withResolvers<void>();
    bench.github.creating = slow.promise;
    const comment = bench.github.comment('/help');
    const answer = bench.deliver(payloadOf(comment));
    await until('the write', () =>
      bench.github.calls.some(({ method, path }) => method === 'POST' && path.endsWith('/1/comments')),
    );
    child.signal('SIGTERM');
    setTimeout(() => slow.resolve(), 200);
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect((await answer).status).toBe(200);
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('without a webhook secret it does not start, and says why', async () => {
    const { WEBHOOK_SECRET: _left, ...environment } = bench.environment();
    const child = spawn(process.execPath, [entry], { env: { PATH: process.env['PATH'], ...environment } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(said).toContain('WEBHOOK_SECRET: expected the webhook secret of the GitHub App, received nothing');
    expect(said).not.toContain('at ');
  });

  test('a port that is taken', async () => {
    await start();
    const taken = new URL(bench.url).port;
    const child = startChild({
      name: 'bot',
      entry,
      environment: { ...bench.environment(), PORT: taken, LOG_LEVEL: 'silent' },
    });
    children.push(child);
    expect(await child.ended).toMatchObject({ code: 1 });
  });
});
