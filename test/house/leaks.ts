import { afterAll, beforeAll } from '@jest/globals';

/** What a test file may leave open: nothing. stdin, stdout and stderr belong to jest. */
const watched = new Set([
  'ChildProcess',
  'ProcessWrap',
  'TCPServerWrap',
  'TCPSocketWrap',
  'TCPWRAP',
  'PipeServerWrap',
  'Timeout',
  'Immediate',
  'FSEventWrap',
  'Worker',
]);
const graceMilliseconds = 6_000;

const open = (): string[] => process.getActiveResourcesInfo().filter((name) => watched.has(name));

/** The names in `now` beyond those in `before`, each as often as it was added. */
const added = (before: string[], now: string[]): string[] => {
  const left = [...before];
  return now.filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

let before: string[] = [];
beforeAll(() => {
  before = open();
});

afterAll(async () => {
  const giveUp = Date.now() + graceMilliseconds;
  // Own timers are unref'd, so that the wait does not see itself.
  while (added(before, open()).length > 0 && Date.now() < giveUp) {
    await new Promise((resolve) => setTimeout(resolve, 20).unref());
    await new Promise((resolve) => setImmediate(resolve));
  }
  const left = added(before, open());
  if (left.length > 0) throw new Error(`This test file left open: ${left.join(', ')}`);
}, graceMilliseconds * 2);
