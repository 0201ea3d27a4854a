import { createHmac, randomUUID } from 'node:crypto';
import type { Comment } from '../../cli/thread/github.ts';
import type { LocalPlatform } from './local-platform.ts';

type Raw = { id: number; user?: object };

/** Something of the platform's repository, whole, as the API answers it. */
const get = async (platform: LocalPlatform, path: string): Promise<Raw> => {
  const { github } = await platform.file();
  const url = `${github.url}/api/v3/repos/${github.repository}${path}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${github.token}` } });
  return (await response.json()) as Raw;
};

/** The webhook of a new comment, as GitHub would send it: `send` delivers it, signed with the secret or with another. */
export const webhookOf = async (platform: LocalPlatform, comment: Comment) => {
  const { bot, github } = await platform.file();
  const [owner, name] = github.repository.split('/');
  const raw = await get(platform, `/issues/comments/${comment.id}`);
  const { id } = await get(platform, '');
  const repository = { id, name, full_name: github.repository, private: true, owner: { login: owner } };
  const body = JSON.stringify({
    action: 'created',
    issue: { number: github.issue, labels: [], comments: 1 },
    comment: raw,
    repository,
    installation: { id: github.installation },
    sender: raw.user,
  });
  const send = async (delivery = randomUUID(), secret = bot.webhookSecret): Promise<number> => {
    const response = await fetch(bot.webhookUrl, {
      method: 'POST',
      headers: {
        // A server that closes an idle connection just when a busy machine sends the next request on it would fail the delivery.
        connection: 'close',
        'content-type': 'application/json',
        'x-github-event': 'issue_comment',
        'x-github-delivery': delivery,
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      },
      body,
    });
    await response.arrayBuffer();
    return response.status;
  };
  return { send };
};

/** How many jobs and replies a comment has. */
export const countedOf = async (platform: LocalPlatform, comment: Comment) => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const jobs = await (await platform.jobs()).page({ top: 500 });
  const replies = (await me.commentsSince(github.issue, comment)).filter(({ body }) =>
    body.includes(`"comment":${comment.id},`),
  );
  return {
    jobs: jobs.jobs.filter(({ origin }) => origin.comment?.id === comment.id).length,
    replies: replies.length,
  };
};
