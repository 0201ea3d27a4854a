// What the scripts of all pages with changing parts share.

/** Replaces a part of a page. Keeps unfolded details, the scroll position of what scrolls, and the focus. */
export function keepState(shown, card) {
  const parts = 'summary, a, button, textarea, select, input, [tabindex]';
  const focused = [...shown.querySelectorAll(parts)].indexOf(document.activeElement);
  const folds = [...shown.querySelectorAll('details')].map(({ open }) => open);
  const scrolled = [...shown.querySelectorAll('.scroll')].map(({ scrollTop, scrollLeft }) => ({
    scrollTop,
    scrollLeft,
  }));
  card.querySelectorAll('details').forEach((details, index) => (details.open = folds[index] ?? details.open));
  const fields = 'textarea, select, input:not([type=hidden])';
  const written = new Map([...shown.querySelectorAll(fields)].map(({ id, value }) => [id, value]));
  for (const field of card.querySelectorAll(fields)) field.value = written.get(field.id) ?? field.value;
  shown.replaceWith(card);
  card.querySelectorAll('.scroll').forEach((pre, index) => Object.assign(pre, scrolled[index]));
  if (focused >= 0) card.querySelectorAll(parts)[focused]?.focus({ preventScroll: true });
}

/** Shows whether the page follows what happens. */
export function showLive(is, lost = 'reconnecting') {
  const live = document.querySelector('[data-live]');
  live.hidden = false;
  live.classList.toggle('lost', !is);
  live.textContent = is ? 'live' : lost;
}

/** Returns whether a person has changed a field since the page was loaded. They can do so before the page's script runs. */
export function isChanged(field) {
  if (field.tagName !== 'SELECT') return field.value !== field.defaultValue;
  const initial = [...field.options].findIndex(({ defaultSelected }) => defaultSelected);
  return field.selectedIndex !== Math.max(0, initial);
}

/**
 * Fetches a part of a page again and again while the page is visible, and replaces it if its version has changed.
 * @param selector finds the shown part and the fetched one
 * @param getPath returns the path of the fragment; undefined at the end
 * @param onNews is called with a new part after it is shown
 */
export function refreshPart(selector, getPath, onNews = () => {}) {
  const refresh = async () => {
    const path = getPath();
    if (path === undefined || document.hidden) return;
    const response = await fetch(path).catch(() => undefined);
    // Meanwhile, a person may have changed the filters.
    if (path !== getPath()) return;
    if (!response?.ok)
      return showLive(false, response?.status === 403 ? 'signed out: reload this page' : undefined);
    showLive(true);
    const fetched = document
      .createRange()
      .createContextualFragment(await response.text())
      .querySelector(selector);
    const shown = document.querySelector(selector);
    if (!fetched || fetched.dataset.version === shown.dataset.version) return;
    keepState(shown, fetched);
    showLive(true);
    onNews(fetched, shown);
  };
  let work = Promise.resolve();
  const run = () => (work = work.then(refresh, refresh));
  setInterval(() => void run(), 2_000);
  document.addEventListener('visibilitychange', () => void run());
  void run();
  return run;
}

/** Shows how long things have been running, in the same format as the server. */
export function refreshDurations() {
  for (const part of document.querySelectorAll('[data-since]'))
    part.textContent = formatDuration((Date.now() - Date.parse(part.dataset.since)) / 1_000);
}

function formatDuration(seconds) {
  if (seconds < 1) return 'less than 1 s';
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const listed = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return listed.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
