import { expect, test } from '@jest/globals';
import { followComment, type ThreadView } from '../../../cli/thread/follow-comment.ts';
import type { Comment, GitHubClient } from '../../../cli/thread/github-client.ts';
import type { PlatformFile } from '../../../local/platform/platform-file.ts';
import { refreshReply, updateReply } from '../../../chatops/reply/render-reply.ts';
import type { Job } from '../../../compute/client/index.ts';
import { listen } from '../../../runtime/http-server.ts';
import { FakeOrchestrator } from '../../fakes/fake-orchestrator.ts';

const comment = (id: number, type: string, body: string): Comment => ({
  id,
  body,
  created_at: '2026-03-01T12:00:00Z',
  user: { login: 'mona', type },
});

const platform = {
  orchestrator: { url: 'http://127.0.0.1:9', key: '' },
  github: { url: 'http://127.0.0.1:9', repository: 'acme/ops' },
} as PlatformFile;

const id = `job-${'a'.repeat(32)}`;

const section = { kind: 'refusal', key: '00000000', index: 0, markdown: 'No.' } as const;
const { body } = updateReply(undefined, { comment: 9, sections: [section], isPublic: false, keep: 'jobs' });
const reply = comment(10, 'Bot', body);

/** A thread that shows one sight after another, and the last one from then on. */
const followed = async (
  sights: ThreadView[],
  restSeconds?: number,
  { url, key }: { url: string; key: string } = platform.orchestrator,
) => {
  const seen: ThreadView[] = [];
  const now = (): ThreadView => sights[Math.min(seen.length, sights.length - 1)] as ThreadView;
  const by = {
    commentsSince: async () => [now().reply].filter((one) => one !== undefined),
    reactions: async () => now().reactions,
  } as unknown as GitHubClient;
  const see = (view: ThreadView) => void seen.push(view);
  const at = { ...platform, orchestrator: { url, key } };
  const outcome = await followComment(at, by, 1, comment(9, 'User', '/x'), see, 20, restSeconds);
  return { outcome, seen };
};

test('where nothing ran, the story is over when reply and reaction are there, whichever comes first', async () => {
  const sights: ThreadView[] = [
    { reactions: [], reply: undefined },
    { reactions: [], reply },
    { reactions: ['confused'], reply },
  ];
  const { outcome, seen } = await followed(sights);
  expect(seen).toEqual(sights);
  expect(outcome).toEqual({ ...sights[2], jobs: [] });
});

test('a reply that shows the end of its job, and stays without a last reaction, is the end too', async () => {
  const orchestrator = await new FakeOrchestrator().open();
  try {
    orchestrator.addJob({ id, state: 'failed', reason: 'script-failed', endedAt: '2026-03-01T12:00:01Z' });
    const jobs = [orchestrator.jobs.get(id) as Job];
    const shown = refreshReply(undefined, { comment: 9, jobs, isPublic: false });
    const view = { reactions: ['eyes'], reply: comment(10, 'Bot', shown.body) };
    const { outcome } = await followed([{ reactions: ['eyes'], reply: undefined }, view], 0.1, orchestrator);
    expect(outcome).toMatchObject({ ...view, jobs: [{ id, state: 'failed' }] });
  } finally {
    await orchestrator.close();
  }
});

test('an orchestrator that does not answer for a while does not end it', async () => {
  const orchestrator = await new FakeOrchestrator().open();
  orchestrator.addJob({ id, state: 'completed', endedAt: '2026-03-01T12:00:01Z' });
  const job = orchestrator.jobs.get(id) as Job;
  await orchestrator.close();
  let requests = 0;
  // A client repeats a request without an answer once, so the first two end its first call.
  const server = await listen(
    (_incoming, outgoing) => {
      requests += 1;
      if (requests > 2) outgoing.end(JSON.stringify(job));
      else outgoing.socket?.destroy();
    },
    { what: 'the test', port: 0 },
  );
  try {
    const shown = refreshReply(undefined, { comment: 9, jobs: [job], isPublic: false });
    const view = { reactions: ['rocket'], reply: comment(10, 'Bot', shown.body) };
    const { outcome } = await followed([view], 0.1, { url: server.url, key: 'key' });
    expect(outcome).toMatchObject({ ...view, jobs: [{ id, state: 'completed' }] });
    expect(requests).toBe(3);
  } finally {
    await server.close();
  }
});

test('a user who already got an explanation gets a reaction and no reply: that is final, too', async () => {
  const told = { reactions: ['confused'], reply: undefined };
  const { outcome } = await followed([{ reactions: [], reply: undefined }, told], 0.1);
  expect(outcome).toEqual({ ...told, jobs: [] });
});
