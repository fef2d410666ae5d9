// What does a visitor do that nobody calls for? Pages, also of a one-page site; marked clicks; how long and far is read.
//
// Time counts while the page can be seen. A page tells of its reading each time it is left or hidden, by what was added
// since it last told, because a phone may never say that a page was closed.

const TOLD_S = 1; // less is not worth an event

/** The properties of a marked element: data-homing-product-id="7" is product_id 7; identifiers stay text. */
export function propsOf(dataset) {
  /** @type {Record<string, string | number>} */
  const found = {};
  for (const [key, value] of Object.entries(dataset)) {
    if (!/^homing[A-Z]/.test(key) || key === "homingEvent" || key === "homingSlot") continue;
    const name = key.slice(6).replace(/[A-Z]/g, (letter, at) => (at ? "_" : "") + letter.toLowerCase());
    const number = !/(^|_)(id|sku|code|phone)$/.test(name) && /^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/.test(value);
    found[name] = number ? Number(value) : value;
  }
  return found;
}

/**
 * @param {Window} window
 * @param {object} say
 * @param {() => object} say.here the page as it is now
 * @param {() => void} say.page
 * @param {(name: string, properties: object, page?: object) => void} say.track
 * @param {() => void} say.rendered
 * @param {(part: string) => boolean} wanted pages, clicks, reading
 */
export function watch(window, say, wanted) {
  const { document, history, location } = window;
  const clock = () => window.performance.now();
  const visible = () => document.visibilityState === "visible";
  const place = () => location.pathname + location.search;
  let path = "";
  let page = {};
  let since = 0; // when it was last seen to become visible
  let seen = 0; // ms since the page last told
  let depth = 0;
  let told = 0;

  function measure() {
    const all = document.documentElement.scrollHeight;
    if (all && document.readyState === "complete" && place() === path)
      depth = Math.max(depth, Math.min(100, Math.round(((window.scrollY + window.innerHeight) / all) * 100)));
  }

  function arrive() {
    path = place();
    page = say.here();
    seen = depth = told = 0;
    since = visible() ? clock() : 0;
    if (wanted("pages")) say.page();
    say.rendered();
    window.setTimeout(measure, 1000); // what is seen without scrolling
  }

  /** Tell how it was read. */
  function leave() {
    measure();
    if (since) seen += clock() - since;
    since = 0;
    const seconds = Math.round(seen / 100) / 10;
    if (!wanted("reading") || (seconds < TOLD_S && depth <= told)) return;
    say.track("Page Left", { path: path.split("?")[0], visible_seconds: seconds, scroll_percent: depth }, page);
    seen = 0;
    told = depth;
  }

  function moved() {
    if (place() === path) return;
    leave();
    arrive();
  }

  if (wanted("pages")) {
    for (const name of ["pushState", "replaceState"]) {
      const original = history[name];
      history[name] = function (...given) {
        measure();
        original.apply(this, given);
        window.setTimeout(moved); // when the site has set its title
      };
    }
    window.addEventListener("popstate", () => window.setTimeout(moved));
  }
  if (wanted("clicks")) {
    const marked = (event) => {
      const found = event.target instanceof window.Element ? event.target.closest("[data-homing-event]") : null;
      if (found && (found.tagName === "FORM") === (event.type === "submit"))
        say.track(found.dataset.homingEvent, propsOf(found.dataset));
    };
    document.addEventListener("click", marked, true);
    document.addEventListener("submit", marked, true);
  }
  window.addEventListener("scroll", measure, { passive: true });
  document.addEventListener("visibilitychange", () => {
    if (!visible()) leave();
    else since ||= clock();
  });
  window.addEventListener("pageshow", (event) => event.persisted && arrive()); // back from the browser's own cache
  arrive();
  return { leave };
}
