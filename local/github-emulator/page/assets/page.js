// The pages work without scripts. This one updates the thread, sends the form in place, and helps with typing.

import { followJobList } from './job-list.js';
import { followJob } from './job-page.js';
import { isChanged, keepState, showLive } from './live-part.js';

const thread = document.querySelector('[data-thread]');
const form = document.querySelector('[data-write]');
const as = document.getElementById('as');
for (const select of document.querySelectorAll('select[name=as]'))
  if (isChanged(select)) rememberPerson(select);
document.addEventListener('change', ({ target }) => {
  if (target.name === 'as') rememberPerson(target);
});
selectLastPerson();
if (thread) follow(thread);
followJobList();
followJob();
if (form) writeInPlace(form);
for (const form of document.querySelectorAll('form[method=post]')) keepDraft(form);
for (const text of document.querySelectorAll('[data-check]')) checkWhileTyping(text);
closeMenus();
document.addEventListener('submit', (event) => void confirmDeletion(event));
setInterval(refreshTimes, 20_000);

/** Processes updates from the server, which contain versions of cards. Fetches and replaces cards whose versions differ. */
function follow(thread) {
  const path = thread.dataset.thread;
  let work = Promise.resolve();
  const connect = () => {
    const source = new EventSource(`${path}/events`);
    source.addEventListener('open', () => showLive(true));
    source.addEventListener('message', (event) => {
      const news = JSON.parse(event.data);
      // One at a time, so that an older card never replaces a newer one.
      work = work.then(() => takeIn(thread, path, news)).catch(() => {});
    });
    source.addEventListener('error', () => {
      showLive(false);
      // The browser reconnects by itself, unless it has given up.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(connect, 2_000);
      void sayIfSignedOut(path);
    });
  };
  connect();
}

async function sayIfSignedOut(path) {
  const answer = await fetch(`${path}/overview`).catch(() => undefined);
  if (answer?.status === 403) showLive(false, 'signed out: reload this page');
}

async function takeIn(thread, path, { whole, cards, overview }) {
  const known = new Set(cards.map(([id]) => String(id)));
  const gone = [...thread.querySelectorAll('[data-comment]')].filter(
    (card) => whole && !known.has(card.dataset.comment),
  );
  gone.forEach((card) => card.remove());
  for (const [id, version] of cards) {
    const shown = document.getElementById(`issuecomment-${id}`);
    if (version === null) shown?.remove();
    else if (shown?.dataset.version !== version) await showCard(thread, path, id, shown);
  }
  if (document.querySelector('[data-part=heading]').dataset.version !== overview) await showOverview(path);
  const count = thread.querySelectorAll('[data-comment]').length;
  document.querySelector('[data-count]').textContent = `${count} ${count === 1 ? 'comment' : 'comments'}`;
}

/** Replaces the parts around the comments. */
async function showOverview(path) {
  const response = await fetch(`${path}/overview${location.search}`);
  if (!response.ok) return;
  const parts = document.createRange().createContextualFragment(await response.text());
  for (const part of parts.querySelectorAll('[data-part]'))
    keepState(document.querySelector(`[data-part=${part.dataset.part}]`), part);
  showLive(true);
  selectLastPerson();
}

async function showCard(thread, path, id, shown) {
  const response = await fetch(`${path}/comments/${id}/card`);
  if (!response.ok) {
    if (response.status === 404) shown?.remove();
    return;
  }
  const card = document.createRange().createContextualFragment(await response.text()).firstElementChild;
  offerMenus(card);
  if (shown) {
    keepState(shown, card);
  } else {
    card.classList.add('fresh');
    thread.append(card);
  }
  document.querySelector('[data-news]').textContent =
    `${shown ? 'Changed' : 'New'}: ${card.getAttribute('aria-label')}`;
}

function writeInPlace(form) {
  const { body } = form.elements;
  const fault = form.querySelector('[data-fault]');
  const hints = form.querySelector('[data-hints]');
  hints.hidden = false;
  hints.addEventListener('click', ({ target }) => {
    const { hint } = target.dataset;
    if (hint === undefined) return;
    const suggested = [...hints.querySelectorAll('[data-hint]')].map(({ dataset }) => dataset.hint);
    const text = body.value.trimEnd();
    // A suggestion replaces only another suggestion. After other text, it starts a line of its own.
    body.value = text === '' || suggested.includes(text) ? hint : `${text}\n${hint}`;
    body.dispatchEvent(new Event('input'));
    body.focus();
  });
  body.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener('submit', async (event) => {
    const button = form.querySelector('.primary');
    // The other buttons navigate to other pages.
    if (event.submitter && event.submitter !== button) return;
    event.preventDefault();
    button.disabled = true;
    fault.textContent = '';
    try {
      const sent = await fetch(form.action, {
        method: 'POST',
        body: new URLSearchParams(new FormData(form)),
        redirect: 'manual',
      });
      // The response to an accepted comment redirects to its card, which arrives as an update.
      if (sent.type !== 'opaqueredirect') throw new Error(await reasonIn(sent));
      body.value = '';
      body.dispatchEvent(new Event('input'));
    } catch (error) {
      fault.textContent =
        error instanceof TypeError ? 'The server does not respond. Your text has been kept.' : error.message;
    } finally {
      button.disabled = false;
    }
  });
}

/** Returns the message of an error page. */
async function reasonIn(response) {
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  return page.querySelector('main p')?.textContent ?? 'The comment was refused.';
}

/** Shows the problems of a file while a person writes it. */
function checkWhileTyping(text) {
  let timer;
  let checks = 0;
  const check = async () => {
    const current = (checks += 1);
    const body = new URLSearchParams({ token: text.form.elements.token.value, body: text.value });
    const response = await fetch(text.dataset.check, { method: 'POST', body }).catch(() => undefined);
    if (!response?.ok || current !== checks) return;
    const problems = document.createRange().createContextualFragment(await response.text());
    if (current === checks) document.querySelector('[data-problems]').replaceWith(problems);
  };
  text.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void check(), 300);
  });
  void check();
}

/** Keeps what is being written in a form until it is sent, so that leaving the page does not lose it. */
function keepDraft(form) {
  const { body } = form.elements;
  if (body?.tagName !== 'TEXTAREA' || body.dataset.keep === undefined) return;
  const key = `draft ${form.getAttribute('action')}`;
  const draft = sessionStorage.getItem(key);
  // What a person typed before this script ran follows the draft.
  if (draft !== null && body.value !== draft)
    body.value = body.value === '' ? draft : `${draft}\n${body.value}`;
  const keep = () => {
    if (body.value === '') sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, body.value);
  };
  keep();
  body.addEventListener('input', keep);
}

/** Asks before it deletes a comment, and deletes it without leaving the page. */
async function confirmDeletion(event) {
  const form = event.target;
  if (form.dataset.delete === undefined) return;
  event.preventDefault();
  if (!confirm('Delete this comment? You cannot undo this.')) return;
  const fields = new URLSearchParams(new FormData(form));
  fields.set('token', form.dataset.delete);
  const sent = await fetch(form.action, { method: 'POST', body: fields, redirect: 'manual' }).catch(
    () => undefined,
  );
  if (sent?.type === 'opaqueredirect') form.closest('[data-comment]').remove();
  else location.assign(form.action);
}

function rememberPerson(select) {
  localStorage.setItem('as', select.value);
  offerMenus(document);
}

/** Selects the last person again in all forms, and shows the menus of comments that the person may change. */
function selectLastPerson() {
  const last = localStorage.getItem('as');
  const isChosen = new URLSearchParams(location.search).has('as');
  for (const select of document.querySelectorAll('select[name=as]')) {
    const wanted = isChosen && as ? as.value : last;
    if ([...select.options].some(({ value }) => value === wanted)) select.value = wanted;
  }
  offerMenus(document);
}

function offerMenus(root) {
  if (!as) return;
  for (const menu of root.querySelectorAll('[data-may]')) {
    menu.hidden = !menu.dataset.may.split(' ').includes(as.value);
    menu.querySelector('[data-as]').value = as.value;
  }
}

/** Closes a menu on a click elsewhere, when another menu opens, and on Escape, which returns the focus to it. */
function closeMenus() {
  const closeBut = (kept) => {
    for (const menu of document.querySelectorAll('.menu[open]')) if (menu !== kept) menu.open = false;
  };
  document.addEventListener('click', ({ target }) => closeBut(target.closest('.menu')));
  document.addEventListener('keydown', (event) => {
    const open = event.key === 'Escape' && document.querySelector('.menu[open]');
    if (!open) return;
    closeBut(null);
    open.querySelector('summary').focus();
  });
}

/** Shows times relative to now, in the same format as the server. */
function refreshTimes() {
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ];
  for (const time of document.querySelectorAll('time')) {
    const seconds = Math.max(0, (Date.now() - Date.parse(time.dateTime)) / 1000);
    const [unit, size] = units.find(([, size]) => seconds >= size) ?? [];
    time.textContent = unit ? format.format(-Math.floor(seconds / size), unit) : 'just now';
  }
}
