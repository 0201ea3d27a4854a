import { randomBytes } from 'node:crypto';
import { pino, type Logger } from 'pino';
import { createLogger } from '../runtime/log.ts';
import { registerSecret } from '../runtime/secrets.ts';

/** The lines per round, and the rounds. Both loggers take turns, so that a slower machine affects both. */
const lines = 20_000;
const rounds = 7;
const secrets = 50;

const names = ['key', 'token', 'secret', 'connectionString'];

/** Masks field names, one level deep, and signatures in links, as the logger did before it masked secrets by value. */
const createFieldMaskingLogger = (): Logger =>
  pino(
    {
      base: { program: 'bench' },
      redact: {
        paths: [...names, 'headers.authorization', ...names.map((name) => `*.${name}`)],
        censor: '[redacted]',
      },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    {
      write: (line: string) =>
        void process.stderr.write(line.replace(/([?&](?:sig|code)=)[^&"'\s\\]+/g, '$1[redacted]')),
    },
  );

const measureLine = (log: Logger): number => {
  const err = new Error('storage answered 503', { cause: new Error('read ECONNRESET') });
  const began = performance.now();
  for (let n = 0; n < lines; n += 1)
    log.info(
      { job: `job-${n}`, err, url: `https://a.example/b?sv=1&sig=${n}x&se=2` },
      'storage is tried again',
    );
  return ((performance.now() - began) / lines) * 1_000;
};

/** The cost of a log line with 50 secrets, in microseconds, and relative to a logger that masks by field; the minimum of all rounds. */
export const measureLogCost = (): { microseconds: number; overMaskingByField: number } => {
  for (let n = 0; n < secrets; n += 1) registerSecret(randomBytes(n % 5 === 0 ? 64 : 24).toString('base64'));
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = () => true;
  try {
    const [byValue, byField] = [createLogger('bench', 'info'), createFieldMaskingLogger()];
    const times = Array.from({ length: rounds }, () => [measureLine(byValue), measureLine(byField)]);
    const least = (which: 0 | 1): number => Math.min(...times.map((pair) => pair[which] ?? Infinity));
    return { microseconds: least(0), overMaskingByField: least(0) / least(1) };
  } finally {
    process.stderr.write = write;
  }
};
