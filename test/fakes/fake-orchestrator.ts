import type { Job } from '../../compute/client/index.ts';
import { hasEnded } from '../../contracts/job.ts';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';

type Lease = { name: string; holder: string; seconds: number };

/** Implements the part of the orchestrator's HTTP API that the bot calls. Jobs change only by `updateJob`. */
export class FakeOrchestrator {
  readonly jobs = new Map<string, Job>();
  /** The number of received start requests, including delayed ones. */
  startRequests = 0;
  /** The number of start requests that created a job. */
  starts = 0;
  /** If set, all requests fail with this status. */
  fault: number | undefined;
  /** The number of requests that failed with `fault`. */
  faults = 0;
  /** Delays each start until it resolves. */
  starting: Promise<void> = Promise.resolve();
  /** The age of new jobs by their creation time, in milliseconds. */
  age = 0;
  /** The holder and the expiry (`Date.now()`) of each lease. */
  readonly leases = new Map<string, { holder: string; until: number }>();
  leaseCalls = 0;
  readonly lists: URLSearchParams[] = [];
  readonly gets: string[] = [];
  /** The logs of tasks, by job. */
  readonly logs = new Map<string, string>();
  /** The last lines of the logs of running tasks, by job. */
  readonly lastLines = new Map<string, string>();
  /** The ids of the jobs in cancel requests, in order. */
  readonly cancels: string[] = [];
  readonly key = 'test-key';
  #served: RunningServer | undefined;

  async open(): Promise<this> {
    const onFault = (error: unknown) => console.error(error);
    this.#served = await listen(
      createWebListener((request) => this.#answer(request), onFault),
      { what: 'a fake server', port: 0 },
    );
    return this;
  }

  get url(): string {
    return this.#served?.url ?? '';
  }

  async close(): Promise<void> {
    await this.#served?.close();
  }

  /** Changes a job, and updates its times. */
  updateJob(id: string, change: Partial<Job>): void {
    const job = this.jobs.get(id);
    if (!job) throw new Error(`there is no ${id}`);
    const now = new Date().toISOString();
    const ended = change.state !== undefined && hasEnded(change.state);
    this.jobs.set(id, { ...job, updatedAt: now, ...(ended ? { endedAt: now } : {}), ...change });
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const text = await request.text();
    if (request.headers.get('x-functions-key') !== this.key) return Response.json({}, { status: 401 });
    if (this.fault !== undefined) {
      this.faults += 1;
      return new Response('{}', { status: this.fault });
    }
    const id = /job-[0-9a-f]{32}/.exec(url.pathname)?.[0];
    if (url.pathname.startsWith('/api/leases')) return this.#lease(url.pathname, JSON.parse(text) as Lease);
    if (request.method === 'POST')
      return id ? this.#cancel(id) : this.#start(JSON.parse(text) as Record<string, unknown>);
    if (url.pathname === '/api/locks') return Response.json({ locks: [] });
    if (url.pathname === '/api/tasks') return Response.json({ v: 1, tasks: [], invalid: [] });
    if (id && url.pathname.endsWith('/log')) return this.#log(id);
    return id ? this.#get(id) : this.#list(url.searchParams);
  }

  async #start({ jobId, inputCount, origin }: Record<string, unknown>): Promise<Response> {
    this.startRequests += 1;
    await this.starting;
    const id = String(jobId);
    if (this.jobs.has(id)) return Response.json({ id, started: false }, { status: 200 });
    this.starts += 1;
    this.addJob({
      id,
      origin: origin as Job['origin'],
      request: { algorithm: 'monte-carlo-pi', inputCount, parameters: {} },
    });
    return Response.json({ id, started: true }, { status: 202 });
  }

  #lease(path: string, { name, holder, seconds }: Lease): Response {
    this.leaseCalls += 1;
    const held = this.leases.get(name);
    const isTheirs = held !== undefined && held.holder !== holder && held.until > Date.now();
    if (path.endsWith('/release')) {
      if (!isTheirs) this.leases.delete(name);
      return Response.json({});
    }
    if (isTheirs) return Response.json({ error: { code: 'held' } }, { status: 409 });
    this.leases.set(name, { holder, until: Date.now() + seconds * 1_000 });
    return Response.json({});
  }

  addJob(job: Partial<Job> & Pick<Job, 'id'>): void {
    const now = new Date(Date.now() - this.age).toISOString();
    this.jobs.set(job.id, {
      v: 1,
      kind: 'compute',
      state: 'queued',
      reason: null,
      message: null,
      request: { algorithm: 'monte-carlo-pi', inputCount: 10, parameters: {}, blockSize: 1 },
      progress: { done: 0, failed: 0, total: 10, workers: null },
      origin: {},
      createdAt: now,
      startedAt: null,
      updatedAt: now,
      endedAt: null,
      result: null,
      failures: [],
      endedBy: null,
      waiting: null,
      approvals: [],
      retryOf: null,
      links: null,
      ...job,
    });
  }

  #get(id: string): Response {
    this.gets.push(id);
    const job = this.jobs.get(id);
    const lastLines = this.lastLines.get(id);
    if (job?.state === 'running' && lastLines !== undefined) return Response.json({ ...job, lastLines });
    return job ? Response.json(job) : Response.json({ error: { code: 'not-found' } }, { status: 404 });
  }

  #log(id: string): Response {
    const text = this.logs.get(id);
    if (text === undefined) return Response.json({ error: { code: 'no-log' } }, { status: 404 });
    return Response.json({ v: 1, id, text, bytes: Buffer.byteLength(text), truncated: false });
  }

  #cancel(id: string): Response {
    this.cancels.push(id);
    const job = this.jobs.get(id);
    if (!job) return Response.json({}, { status: 404 });
    return Response.json({}, { status: hasEnded(job.state) ? 410 : 202 });
  }

  /** Lists the jobs that match both filters, newest first, one per page. */
  #list(query: URLSearchParams): Response {
    this.lists.push(query);
    const states = query.get('state')?.split(',');
    const since = query.get('since') ?? '';
    const all = [...this.jobs.values()]
      .filter(({ state, createdAt }) => (states?.includes(state) ?? true) && createdAt >= since)
      .toReversed();
    const at = Number(query.get('continue') ?? 0);
    const more = at + 1 < all.length ? String(at + 1) : null;
    return Response.json({
      v: 1,
      now: new Date().toISOString(),
      jobs: all.slice(at, at + 1),
      continue: more,
    });
  }
}
