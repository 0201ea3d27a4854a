import type { Job } from '../../../compute/client/index.ts';
import { bot, GitHubStandIn, type StoredComment } from '../../bot/stand-ins/github.ts';
import { OrchestratorStandIn } from '../../bot/stand-ins/orchestrator.ts';
import { until } from '../../bot/stand-ins/until.ts';
import type { StepSettings } from './step.ts';

/** What GitHub sends with a comment. */
export const commentEvent = (comment: StoredComment, more: object = {}): object => ({
  action: 'created',
  issue: { number: comment.issue, labels: [], comments: 1 },
  comment,
  repository: { id: 501, full_name: 'acme/ops' },
  sender: comment.user,
  ...more,
});

/** A GitHub and an orchestrator that a test plays, and what a step between them is given. */
export class Play {
  readonly github = new GitHubStandIn();
  readonly orchestrator = new OrchestratorStandIn();

  async open(): Promise<this> {
    await Promise.all([this.github.open(), this.orchestrator.open()]);
    this.github.permissions.set('mona', { permission: 'write', role_name: 'write' });
    this.github.login = bot.login;
    return this;
  }

  async close(): Promise<void> {
    await Promise.all([this.github.close(), this.orchestrator.close()]);
  }

  /** A step that reaches both. */
  step({ inputs, environment, ...more }: StepSettings): StepSettings {
    const { url, key } = this.orchestrator;
    return {
      ...more,
      inputs: { 'orchestrator-url': url, 'orchestrator-key': key, ...inputs },
      environment: { GITHUB_API_URL: this.github.url, ...environment },
    };
  }

  /** A step that computes, unless its inputs say otherwise. */
  dispatch({ inputs = {}, ...more }: StepSettings = {}): StepSettings {
    return this.step({ ...more, inputs: { ...('task' in inputs ? {} : { compute: '10' }), ...inputs } });
  }

  /** A step that a comment starts. */
  comment(comment: StoredComment, { inputs, environment, event }: StepSettings = {}): StepSettings {
    return this.step({
      ...(inputs ? { inputs } : {}),
      environment: { GITHUB_EVENT_NAME: 'issue_comment', ...environment },
      event: commentEvent(comment, event as object | undefined),
    });
  }

  /** The n-th job, from 1, once it is started. */
  job(n = 1): Promise<Job> {
    return until(`job ${n}`, () => [...this.orchestrator.jobs.values()][n - 1]);
  }

  /** As if time had passed since replies were written: for some seconds nobody else may write them. */
  later(): void {
    for (const name of this.orchestrator.leases.keys())
      if (name.startsWith('reply/')) this.orchestrator.leases.delete(name);
  }
}

/** How a job ends well. */
export const completed: Partial<Job> = { state: 'completed', result: { pi: 3.14 } };
