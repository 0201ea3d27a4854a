import { expect, test } from '@jest/globals';
import type { TaskDefinition } from '../../../compute/client/index.ts';
import type { Command } from '../../../chatops/command/index.ts';
import { jobId, jobRequest, queuedJob } from '../../../chatops/job/index.ts';
import { commentOf } from './comments.ts';

const command = (changes: Partial<Command>): Command => ({
  name: 'compute',
  positionals: ['10'],
  parameters: {},
  canonical: '/compute 10',
  occurrence: 1,
  position: { line: 1, column: 1 },
  ...changes,
});

const comment = commentOf('/compute 10');
const origin = {
  host: 'github.com',
  repository: { id: 1, name: 'acme/ops' },
  thread: { number: 7, kind: 'issue' },
  comment: { id: 9, createdAt: '2026-03-01T12:00:09Z', index: 2 },
  sender: 'octocat',
  installation: 3,
};

test('a compute command becomes a compute request', () => {
  const intent = { kind: 'compute', inputCount: 10, blockSize: 5, parameters: { samples: '7' } } as const;
  const request = jobRequest({ command: command({}), intent, index: 2 }, comment, []);
  const id = jobId({ host: 'github.com', repository: 1, comment: 9, command: '/compute 10', occurrence: 1 });
  expect(JSON.parse(JSON.stringify(request))).toEqual({
    kind: 'compute',
    jobId: id,
    inputCount: 10,
    blockSize: 5,
    parameters: { samples: '7' },
    origin: { ...origin, command: '/compute 10' },
  });
});

test('a task command becomes a task request; secret values are masked where they are shown', () => {
  const definition = {
    taskName: 'Deploy',
    dockerImage: 'x',
    scriptName: 'x.sh',
    scriptParameters: [{ parameterName: 'password', parameterType: 'string', required: true, secret: true }],
  } satisfies TaskDefinition;
  const deploy = command({
    name: 'run',
    positionals: ['Deploy'],
    parameters: { password: 'hunter2', zone: 'eu west' },
    canonical: '/run Deploy password=hunter2 zone="eu west"',
  });
  const parameters = [{ name: 'password', value: 'hunter2' }];
  const intent = { kind: 'run', taskName: 'Deploy', parameters } as const;
  const request = jobRequest({ command: deploy, intent: { ...intent, parameters }, index: 2 }, comment, [
    definition,
  ]);
  expect(request).toMatchObject({ kind: 'task', taskName: 'Deploy', parameters, origin });
  expect(request.origin.command).toBe('/run Deploy password=*** zone="eu west"');
  expect(JSON.stringify(queuedJob(request))).not.toContain('hunter2');
});

test('an entry without an installation names none', () => {
  const intent = { kind: 'compute', inputCount: 10, parameters: {} } as const;
  const request = jobRequest(
    { command: command({}), intent, index: 0 },
    { ...comment, installation: null },
    [],
  );
  expect(request.origin).not.toHaveProperty('installation');
});
