/**
 * Makes a received message safe to look at: reading it here must not count as an open, a click or an unsubscribe.
 *
 * Pictures from the network and everything that runs go out; links keep their words and show their address on hover,
 * but lead nowhere. The frame it is shown in is sandboxed besides.
 */
export function quiet(html: string): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  page
    .querySelectorAll("script, iframe, object, embed, form, base, link, meta[http-equiv]")
    .forEach((one) => one.remove());
  page.querySelectorAll("img").forEach((image) => {
    const source = image.getAttribute("src") ?? "";
    if (!source.startsWith("data:")) image.remove();
  });
  page.querySelectorAll("style").forEach((style) => {
    style.textContent = (style.textContent ?? "").replace(/@import[^;]*;?/gi, "");
  });
  page.querySelectorAll("a[href], area[href]").forEach((link) => {
    link.setAttribute("title", link.getAttribute("href") ?? "");
    link.removeAttribute("href");
    link.setAttribute("style", `${link.getAttribute("style") ?? ""};cursor:default`);
  });
  page.querySelectorAll("*").forEach((element) => {
    for (const name of element.getAttributeNames()) if (name.startsWith("on")) element.removeAttribute(name);
  });
  const policy = page.createElement("meta");
  policy.setAttribute("http-equiv", "Content-Security-Policy");
  policy.setAttribute("content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'");
  page.head.prepend(policy);
  return `<!doctype html>${page.documentElement.outerHTML}`;
}
