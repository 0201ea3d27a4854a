import { writeMissedCommand, killRunAfterReply } from './sweep-scenario.ts';
import type { VerifyFixture } from './fixture.ts';
import { plantedSecret } from './runner-env.ts';
import { writeComment, listReplies } from './thread-client.ts';

/** A run of a workflow, with the expected results. */
export type Scenario = {
  name: string;
  /** The workflow's file in `.github/workflows`, without `.yml`. */
  workflow: string;
  event: string;
  /** Returns the payload of the event, except for the repository. May prepare the fixture first. */
  payload: (fixture: VerifyFixture) => object | Promise<object>;
  /** The authentication at the orchestrator: with a key (by default), or with the run's own identity (an OIDC token). */
  by?: 'key' | 'identity';
  /** The exit code of act: 1 if the job failed. */
  code: 0 | 1;
  /** Expected output of act. */
  says?: readonly RegExp[];
  /** Output that act must not print. */
  never?: readonly RegExp[];
  /** Returns problems with the state of the fixture after the run. */
  after?: (fixture: VerifyFixture) => Promise<string[]>;
};

const expectReplies =
  (...expected: readonly RegExp[]) =>
  async (fixture: VerifyFixture): Promise<string[]> => {
    const found = await listReplies(fixture);
    if (found.length !== expected.length) return [`${found.length} replies, expected ${expected.length}`];
    return expected.filter((text, at) => !text.test(found[at] ?? '')).map((text) => `no reply says ${text}`);
  };

const createChatopsScenario = (
  name: string,
  body: string,
  more: Pick<Scenario, 'says' | 'never' | 'after'>,
): Scenario => ({
  name: `chatops.yml: ${name}`,
  workflow: 'chatops',
  event: 'issue_comment',
  payload: (fixture) => writeComment(fixture, 'octavia', body),
  code: 0,
  ...more,
});

const createDispatchScenario = (
  name: string,
  [task, parameters]: readonly [string, string],
  more: Pick<Scenario, 'code' | 'says' | 'never'>,
): Scenario => ({
  name: `dispatch.yml: ${name}`,
  workflow: 'dispatch',
  event: 'workflow_dispatch',
  payload: () => ({ inputs: { task, parameters }, ref: 'refs/heads/main' }),
  ...more,
});

const ran = /Success - Main \.\//;
const failed = /Failure - Main \.\//;
const afterSuccess = /Job \S+ completed with exit code 0/;
const afterFailure = /Job \S+ ended as/;

/** The scenarios, which run in this order with one fixture. */
export const scenarios: readonly Scenario[] = [
  createChatopsScenario('a comment without a slash starts no machine', 'Looks good to me.', {
    never: [/Run Set up job/],
  }),
  createChatopsScenario('a comment without a command is left alone', 'This and/or that.', {
    says: [ran],
    after: expectReplies(),
  }),
  createChatopsScenario('a command becomes a job and one reply', '/run Hello who=world', {
    says: [ran],
    after: expectReplies(/completed/),
  }),
  createDispatchScenario(
    'the step after a success knows the job; a secret is masked',
    ['Hello', `{"who": "${plantedSecret}"}`],
    {
      code: 0,
      says: [ran, /Hello, \*\*\*!/, afterSuccess],
      never: [afterFailure],
    },
  ),
  createDispatchScenario(
    'text with commands and newlines sets nothing',
    ['Hello', String.raw`{"who": "x\n::set-output name=state::no\n::error::forged"}`],
    {
      code: 0,
      says: [afterSuccess],
      never: [/❗ +::error::forged/],
    },
  ),
  createDispatchScenario('a task that is not in the catalogue fails the run', ['Nothing', '{}'], {
    code: 1,
    says: [failed],
    never: [afterSuccess],
  }),
  createDispatchScenario('parameters that are no JSON fail the run', ['Hello', 'who=world'], {
    code: 1,
    says: [failed, /Input parameters/],
    never: [afterSuccess, afterFailure],
  }),
  createDispatchScenario('the step after a failure knows why; the run fails', ['Fail', '{}'], {
    code: 1,
    says: [failed, /Job \S+ ended as failed \(script-failed\)/],
    never: [afterSuccess],
  }),
  {
    name: 'schedule.yml: without a key, the principal `schedule` computes, and the step after it has the result',
    workflow: 'schedule',
    event: 'schedule',
    by: 'identity',
    payload: () => ({ schedule: '17 3 * * *' }),
    code: 0,
    says: [ran, /Success - Main What it came to/],
  },
  {
    name: 'sweep.yml: a command that was missed is run, and a reply whose run was killed is finished',
    workflow: 'sweep',
    event: 'schedule',
    payload: async (fixture) => {
      await killRunAfterReply(fixture, '/run Countdown seconds=2');
      await writeMissedCommand(fixture, '/run Hello who=again', 10);
      return { schedule: '7,22,37,52 * * * *' };
    },
    code: 0,
    says: [ran, /issues\/1: answered/, /issues\/1: updated/],
    after: expectReplies(/Hello.* completed/, /Countdown.* completed/, /Hello/),
  },
];
