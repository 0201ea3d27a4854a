import { expect, test } from '@jest/globals';
import { request } from 'node:http';
import { getPeerUser } from '../../runtime/peer-user.ts';
import { listen } from '../../runtime/http-server.ts';

const testOnLinux = process.platform === 'linux' ? test : test.skip;

testOnLinux.each(['127.0.0.1', '::ffff:127.0.0.1'])(
  'the user at the other end of a connection to %s is known',
  async (host) => {
    const served = await listen(
      (incoming, outgoing) => void outgoing.end(String(getPeerUser(incoming.socket))),
      { what: 'the test', port: 0 },
    );
    const shown = await new Promise<string>((resolve, reject) => {
      const asked = request({ host, port: served.port, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.once('end', () => resolve(text));
      });
      asked.once('error', reject).end();
    });
    await served.close();
    expect(shown).toBe(String(process.getuid?.()));
  },
);
