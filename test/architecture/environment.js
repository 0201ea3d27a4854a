import { TestEnvironment } from 'jest-environment-node';

/** The resources that a test file must not leave open. stdin, stdout and stderr belong to jest. */
const watched = new Set([
  'ProcessWrap',
  'TCPServerWrap',
  'TCPSocketWrap',
  'PipeServerWrap',
  'Timeout',
  'Immediate',
  'FSEventWrap',
  'Worker',
]);
const graceMilliseconds = 6_000;

const open = () => process.getActiveResourcesInfo().filter((name) => watched.has(name));

/** Returns the names in `now` that are not in `before`, each as often as it was added. */
const added = (before, now) => {
  const left = [...before];
  return now.filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

/** Returns the resources that remain open in addition to `before`. */
const leftOpen = async (before) => {
  const giveUp = Date.now() + graceMilliseconds;
  while (added(before, open()).length > 0 && Date.now() < giveUp) {
    // This timer has ended before the resources are counted again, so it does not count itself.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return added(before, open());
};

/**
 * Node's test environment, which fails a test file that leaves a resource open after its last hook. It restores the umask, which belongs
 * to the process: programs that a test runs in it restrict new files, and the next test file in the process must not see that.
 */
export default class LeakCheckingEnvironment extends TestEnvironment {
  #before = [];
  #umask = process.umask();

  async handleTestEvent(event, state) {
    if (event.name === 'setup') this.#before = open();
    if (event.name !== 'run_finish') return;
    process.umask(this.#umask);
    const left = await leftOpen(this.#before);
    if (left.length > 0)
      state.unhandledErrors.push(new Error(`This test file left open: ${left.join(', ')}`));
  }
}
