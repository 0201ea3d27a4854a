import { repositoryName } from '../accounts.ts';
import type { Annotation, CheckRunRow } from '../store/checks.ts';
import type { PullRow } from '../store/pulls.ts';
import { serializeApp } from './app.ts';
import type { SerializerContext } from './conversation.ts';
import { buildNodeId } from './user.ts';

/** Serializes a check run as GitHub's `check-run`. `pulls`: the open pull requests with its commit as head. */
export const serializeCheckRun = (
  run: CheckRunRow,
  pulls: readonly PullRow[],
  repositoryId: number,
  { addresses, app }: SerializerContext,
) => {
  const repository = `${addresses.api}/repos/${repositoryName}`;
  const url = `${repository}/check-runs/${run.id}`;
  const page = `${addresses.site}/${repositoryName}/runs/${run.id}`;
  const repo = { id: repositoryId, url: repository, name: repositoryName.split('/')[1] as string };
  return {
    id: run.id,
    name: run.name,
    node_id: buildNodeId('CheckRun', run.id),
    head_sha: run.sha,
    external_id: run.externalId ?? '',
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.id },
    app: serializeApp(app, addresses),
    pull_requests: pulls.map(({ number, head, headSha, base, baseSha }) => ({
      id: number,
      number,
      url: `${repository}/pulls/${number}`,
      head: { ref: head, sha: headSha, repo },
      base: { ref: base, sha: baseSha, repo },
    })),
  };
};

/** Serializes an annotation as GitHub's `check-annotation`. */
export const serializeAnnotation = (
  annotation: Annotation,
  sha: string,
  { addresses }: Pick<SerializerContext, 'addresses'>,
) => ({
  path: annotation.path,
  blob_href: `${addresses.site}/${repositoryName}/blob/${sha}/${annotation.path}`,
  start_line: annotation.startLine,
  end_line: annotation.endLine,
  start_column: annotation.startColumn,
  end_column: annotation.endColumn,
  annotation_level: annotation.level,
  title: annotation.title,
  message: annotation.message,
  raw_details: annotation.rawDetails,
});
