import { connect } from 'node:net';

/** Sends a request as it is written, which no client would do for us, and resolves with the status of its answer. */
export const statusOf = (
  port: string | number,
  line: string,
  headers: readonly string[],
  body = '',
): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
      const [, status] = /^HTTP\/1\.1 (\d{3})[^]*\r\n\r\n/.exec(answer) ?? [];
      if (status === undefined) return;
      socket.destroy();
      resolve(Number(status));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`No answer but ${JSON.stringify(answer)}`)));
    const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    socket.write([line, ...headers, ...length, '', body].join('\r\n'));
  });
