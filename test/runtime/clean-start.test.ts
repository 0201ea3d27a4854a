import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clean-start-'));
});
afterAll(() => rm(folder, { recursive: true }));

const linux = process.platform === 'linux' ? test : test.skip;

linux('closes no file of certificates that another thread of Node reads', async () => {
  const pipe = join(folder, 'certificates');
  execFileSync('mkfifo', [pipe]);
  const certificate = join(folder, 'certificate');
  await writeFile(certificate, `${rootCertificates[0]}\n`);
  const source = `
    import { fstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
    import { getCACertificates } from 'node:tls';
    import { startClean } from '${new URL('../../runtime/clean-start.ts', import.meta.url).href}';
    const isRead = () => readdirSync('/proc/self/fd').some((name) => {
      try { return readlinkSync('/proc/self/fd/' + name) === process.env.NODE_EXTRA_CA_CERTS; } catch { return false; }
    });
    // On a busy machine, it may have been read already.
    for (let tries = 0; tries < 400 && !isRead(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    console.log('starting');
    startClean([]);
    const files = Array.from({ length: 40 }, () => openSync('/dev/null'));
    console.log(getCACertificates('extra').length);
    await new Promise((resolve) => setTimeout(resolve, 700));
    for (const file of files) fstatSync(file);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: pipe },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close');
  // Each time that Node opens the file, its content comes some time later, so that the descriptor is open while the child starts.
  const script = 'while :; do (sleep 0.3; cat "$1") > "$0"; done';
  const feeder = spawn('sh', ['-c', script, pipe, certificate], { stdio: 'ignore', detached: true });
  try {
    expect(await ended).toEqual([0, null]);
    // As root, the child replaces itself, and starts again.
    expect(output).toMatch(/^(?:starting\n)+[1-9]\d*\n$/);
  } finally {
    // With its subshells, which wait for a reader.
    process.kill(-feeder.pid!, 'SIGKILL');
    child.kill('SIGKILL');
    await Promise.all([ended, once(feeder, 'close')]);
  }
});
