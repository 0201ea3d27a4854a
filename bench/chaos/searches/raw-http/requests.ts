import { createHmac } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A route to test, with its credentials and a valid body. */
export type RawRoute = {
  method: string;
  /** `{}` is a placeholder for an id. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: unknown;
  /** Signs the body as GitHub does. */
  secret?: string;
};

/** A source of choices. */
export class RandomSource {
  readonly #rng;
  constructor(seed: number) {
    this.#rng = xoroshiro128plus(seed);
  }

  /** Returns an integer from 0 to `most`. */
  upTo(most: number): number {
    return uniformInt(this.#rng, 0, most);
  }

  oneIn(times: number): boolean {
    return this.upTo(times - 1) === 0;
  }

  of<T>(list: readonly T[]): T {
    return list[this.upTo(list.length - 1)] as T;
  }
}

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'get',
  'PROPFIND',
  'BREW',
  'QUERY',
  '',
  'GET GET',
];
const segments = [
  '',
  '.',
  '..',
  '%',
  '%00',
  '%2e%2e',
  '%2f',
  '%ff',
  '%F0%9F%98%80',
  '__proto__',
  'constructor',
  '-1',
  '0',
  '1e9',
  '99999999999999999999',
  'NaN',
  'job-00000000000000000000000000000000',
  '@x',
  '#',
  ';a=b',
  '*',
  '\\',
  'a b',
  '\u00e9',
  'x'.repeat(3_000),
  '%ED%A0%80',
];
const queries = [
  '',
  '?',
  '?a',
  '?top=-1',
  '?top=1&top=2',
  '?top=1e9',
  '?since=x',
  '?since=9999999',
  '?state=__proto__',
  '?state[]=a',
  '?continue=%00',
  '?continue=e30',
  '?continue=W10',
  '?continue=bnVsbA',
  '?bytes=-1',
  '?page=0&per_page=0',
  '?page=99999999999',
  '?ref=..%2f..',
  '?__proto__=x',
  '?inputCount=%2b1',
  '?thread=1/2/3',
  '?%',
  `?x=${'y'.repeat(5_000)}`,
  '?createdTimeFrom=x',
  '?runtimeStatus=a,,b',
  '?showHistory=maybe',
  '?path=%00',
  '?q=%22',
];
const hosts = [
  'evil@127.0.0.1',
  'a/b',
  'a b',
  '[::1',
  '::1',
  '',
  'x'.repeat(5_000),
  '127.0.0.1:0',
  '127.0.0.1:99999',
  '\u00e9.example',
  'a%00b',
  '127.0.0.1\\evil',
  'a?b',
  'a#b',
];
const headers = [
  'Expect: 100-continue',
  'Expect: nothing',
  '__proto__: x',
  'constructor: x',
  'X-Odd: \u00e9\u00ff',
  'Content-Type: nonsense',
  'Content-Type: ;;;',
  'Content-Encoding: gzip',
  'Transfer-Encoding: gzip',
  'Upgrade: websocket\r\nConnection: upgrade',
  'Cookie: =; ;;__proto__=1; %',
  'Origin: null',
  'Origin: \u00e9',
  'Sec-Fetch-Site: cross-site',
  'If-None-Match: "',
  'Accept: ,,;q=x',
  'Range: bytes=-1',
  'X-Hub-Signature-256: sha256=x',
  'Authorization: Bearer',
  'Authorization: Bearer a.b.c',
  'Authorization: Basic \u00ff',
  'X-Functions-Key: ',
  'X-GitHub-Event: __proto__',
  'X-GitHub-Event: constructor',
  'X-GitHub-Delivery: \u00e9',
  'aeg-event-type: SubscriptionValidation',
  'x-ms-continuation-token: W10',
  `X-Long: ${'z'.repeat(9_000)}`,
];
const deep = '[0'.replace('0', '').repeat(5_000);
const values = [
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '-0',
  '1e400',
  '12345678901234567890',
  '0.1',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\u0000"',
  '"__proto__"',
  '"constructor"',
  '{"__proto__":{"a":1}}',
  '{"a":1,"a":2}',
  `"${'x'.repeat(70_000)}"`,
  '"\u2028"',
  '"2026-13-45T99:99:99Z"',
  '"..\\/..\\/x"',
  '[[[[[[1]]]]]]',
  `${deep}${']'.repeat(5_000)}`,
  `${'{"a":'.repeat(4_400)}1${'}'.repeat(4_400)}`,
  '[null]',
  '{"id":{}}',
  '{"id":-1,"name":""}',
  '"/"',
  '9007199254740993',
];
const bodies: readonly (string | Buffer)[] = [
  '',
  ' ',
  'null',
  '[]',
  '"x"',
  '{',
  '\ufeff{}',
  '{"a":}',
  '{}{}',
  'a=b&a=c',
  'token=%&token=%ff',
  deep,
  Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
  Buffer.from('{"a":"\xff"}', 'latin1'),
  Buffer.alloc(2_000),
];

/** Returns the JSON of a value with one part replaced. */
const mutate = (value: unknown, dice: RandomSource): string => {
  if (typeof value !== 'object' || value === null || dice.oneIn(6)) return dice.of(values);
  const entries = Object.entries(value);
  if (entries.length === 0) return dice.of(values);
  const at = dice.upTo(entries.length - 1);
  const parts = entries.map(([name, each], index) => {
    const text = index === at ? mutate(each, dice) : JSON.stringify(each);
    return Array.isArray(value) ? text : `${JSON.stringify(name)}:${text}`;
  });
  if (dice.oneIn(8)) parts.push(Array.isArray(value) ? dice.of(values) : `"__proto__":${dice.of(values)}`);
  return Array.isArray(value) ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
};

const buildBody = (route: RawRoute, dice: RandomSource): Buffer => {
  if (route.body === undefined && !dice.oneIn(4)) return Buffer.alloc(0);
  if (dice.oneIn(5)) return Buffer.from(dice.of(bodies));
  return Buffer.from(dice.oneIn(8) ? JSON.stringify(route.body ?? {}) : mutate(route.body ?? {}, dice));
};

const buildTarget = (path: string, dice: RandomSource): string => {
  const filled = path.replaceAll('{}', () => dice.of(segments));
  const whole = dice.oneIn(6) ? `${filled}/${dice.of(segments)}` : filled;
  const target = `${whole}${dice.oneIn(2) ? dice.of(queries) : ''}`;
  return dice.oneIn(15)
    ? dice.of(['*', `http://evil.example${target}`, `/${target}`, target.slice(1), '', '//', '/%'])
    : target;
};

/** Returns a request, as bytes, that deviates from what the route accepts. */
export const buildRequest = (route: RawRoute, port: number, dice: RandomSource): Buffer => {
  const body = buildBody(route, dice);
  const method = dice.oneIn(5) ? dice.of(methods) : route.method;
  const host = dice.oneIn(12) ? dice.of(hosts) : `127.0.0.1:${port}`;
  const lines = [`${method} ${buildTarget(route.path, dice)} HTTP/1.1`, `Host: ${host}`];
  if (dice.oneIn(20)) lines.push(`Host: ${dice.of(hosts)}`);
  if (!dice.oneIn(8))
    lines.push(...Object.entries(route.headers).map(([name, value]) => `${name}: ${value}`));
  if (route.secret !== undefined)
    lines.push(
      `x-hub-signature-256: sha256=${createHmac('sha256', route.secret).update(body).digest('hex')}`,
    );
  for (let n = dice.upTo(2); n > 0; n -= 1) lines.push(dice.of(headers));
  lines.push('Connection: close');
  const isChunked = dice.oneIn(6);
  if (isChunked) lines.push('Transfer-Encoding: chunked');
  if (!isChunked || dice.oneIn(6)) lines.push(`Content-Length: ${body.length}`);
  const sent = isChunked && body.length > 0 ? toChunk(body) : body;
  const tail = isChunked ? '0\r\n\r\n' : '';
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), sent, Buffer.from(tail)]);
};

const toChunk = (body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
