import { connect } from 'node:net';
import { Releases } from '../../../../runtime/lifecycle.ts';
import type { ChaosSearch } from '../../search.ts';
import { RandomSource, buildRequest, type RawRoute } from './requests.ts';
import { openTargets, type RawTarget } from './servers.ts';

/** The time after which a server that has not closed the connection counts as hanging, in milliseconds. */
const maxMilliseconds = 60_000;

/** Sends bytes on a new connection. @returns everything received until it was closed; undefined if it hangs */
const exchange = (port: number, bytes: Buffer): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const timer = setTimeout(() => {
      resolve(undefined);
      socket.destroy();
    }, maxMilliseconds);
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
    socket.write(bytes);
  });

/** Returns the problem of an answer; undefined if there is none. The set-up page answers webhooks with 503, so that GitHub redelivers. */
const findFault = (answer: string | undefined, { name }: RawTarget, request: string): string | undefined => {
  if (answer === undefined) return 'no answer';
  const status = /^(?:HTTP\/1\.1 100 .*?\r\n\r\n)?HTTP\/1\.1 (\d{3})/s.exec(answer)?.[1];
  if (status === undefined) return answer === '' ? 'closed without an answer' : 'not an answer of HTTP';
  const isNotYet = name === 'set-up' && status === '503' && request.includes('/api/github/webhooks');
  return status.startsWith('5') && !isNotYet ? `status ${status}` : undefined;
};

/** Sends malformed requests to all our servers over raw connections. They are client errors, so no answer is 5xx. */
export const rawHttp: ChaosSearch = {
  name: 'raw-http',
  cases: 20_000,
  run: async (seed, cases) => {
    const releases = new Releases();
    const found: string[] = [];
    try {
      const targets = await openTargets(releases);
      const dice = new RandomSource(seed);
      for (let n = 0; n < cases; n += 1) {
        const target = dice.of(targets);
        const bytes = buildRequest(dice.of<RawRoute>(target.routes), target.port, dice);
        const request = bytes.toString('latin1');
        const fault = findFault(await exchange(target.port, bytes), target, request);
        if (fault !== undefined)
          found.push(`case ${n}, ${target.name}: ${fault} for ${JSON.stringify(request.slice(0, 1_500))}`);
      }
    } finally {
      await releases.end();
    }
    return found;
  },
};
