import type { Job } from '../../compute/client/index.ts';
import { parseNotes } from '../job/notes.ts';
import { escapeUnlessPlain, toCodeSpan } from '../markdown/untrusted-text.ts';
import { formatRequester } from './caller.ts';
import { renderFinishedJob } from './finished-job.ts';
import { formatExact } from './exact-text.ts';
import { formatCommit } from './request-table.ts';
import { renderHeadline } from './headline.ts';
import { formatJobId, formatJobLink } from './job-link.ts';
import { describeLaunch } from './launch.ts';
import { renderLinks } from './links.ts';
import { renderLastLines } from './log-excerpt.ts';
import { formatProgressDetails, renderProgress } from './progress.ts';
import { getStateLabel } from './state-labels.ts';
import { formatTime } from './time.ts';
import { formatApprovedBy, renderWaitingJob } from './waiting-job.ts';

type SectionView = {
  /** Everyone can read the thread: output links are shown without their addresses. */
  isPublic: boolean;
  /** The approximate maximum length of the section, in characters. */
  maxLength: number;
  /** Omits what can change without progress of the job: links, workers, running time, throughput, time left. */
  isStable?: boolean;
};

type Paragraph = string | undefined;

/** Renders a reply's section about a job in its current state. */
export const renderJobSection = (job: Job, view: SectionView): string => {
  const { end } = getStateLabel(job);
  const paragraphs: Paragraph[] = [
    renderHeadline(job),
    formatRetry(job),
    formatInputs(job),
    formatApprovedBy(job),
    ...(end === undefined ? renderActiveJob(job, view) : renderFinishedJob(job, view)),
    view.isStable ? undefined : renderLinks(job, view.isPublic),
    renderFooter(job),
  ];
  return paragraphs.filter((paragraph) => paragraph !== undefined).join('\n\n');
};

/** Renders the paragraphs about a job that has not ended. */
const renderActiveJob = (job: Job, { isStable: still, maxLength: room }: SectionView): Paragraph[] => {
  if (job.state === 'waiting' && job.waiting) return renderWaitingJob(job, job.waiting, room);
  if (job.state !== 'running') return [job.message === null ? undefined : toCodeSpan(job.message, 500)];
  if (job.progress) {
    return [
      [renderProgress({ ...job, progress: job.progress }), ...(still ? [] : formatProgressDetails(job))].join(
        ' · ',
      ),
    ];
  }
  if (job.launch) return [renderLaunch(job)];
  return [
    // Without new lines in its log, the reply is not edited until the end, so a running time would become wrong.
    job.startedAt === null ? undefined : `Started at ${formatTime(job.startedAt)}.`,
    typeof job.lastLines === 'string' ? renderLastLines(job.lastLines) : undefined,
  ];
};

/** Says what the launch of a task's runner waits for. The text changes only with the cause. */
const renderLaunch = (job: Job): Paragraph => {
  if (job.launch?.waitingFor === null) return undefined;
  const words = describeLaunch(job) ?? '';
  // The parts of a plain sentence: a colon can have a meaning in Markdown, and one before a space has none.
  const parts = `${words.charAt(0).toUpperCase()}${words.slice(1)}`.split(': ');
  return `${parts.map((part) => escapeUnlessPlain(part)).join(': ')}.`;
};

const formatRetry = ({ retryOf, kind, origin, startedBy }: Job): Paragraph => {
  if (retryOf === null) return undefined;
  const { retried } = parseNotes(origin);
  const place = retried && { repository: origin.repository, ...retried };
  const name = place ? formatJobLink({ id: retryOf, origin: place, startedBy }) : formatJobId(retryOf);
  return `This is a retry of ${name}${kind === 'compute' ? ', which reuses its completed blocks' : ''}.`;
};

/** Names the file and commit of inputs from the repository. A job that waits for approval shows them in its table. */
const formatInputs = ({ origin, waiting }: Job): Paragraph => {
  const { inputs } = parseNotes(origin);
  if (!inputs?.path || waiting?.for === 'approval') return undefined;
  return `Inputs: ${formatExact(inputs.path, 500)} at ${formatCommit(inputs.commit)}.`;
};

const renderFooter = (job: Job): string => {
  const { sender, comment } = job.origin;
  const parts = [
    formatJobLink(job),
    sender === undefined ? undefined : `requested by ${formatRequester(job, sender)}`,
    formatTime(comment?.createdAt ?? job.createdAt),
  ];
  return `<sub>${parts.filter((part) => part !== undefined).join(' · ')}</sub>`;
};
