// How does a message stand in the page? As text in a slot the site has made: <div data-homing-slot="top"></div>.
//
// Nothing of a message is read as HTML and a link leads to http or https only, so a message cannot run a script.

/**
 * @typedef {{id: string, slot: string, title?: string, text: string, link?: {href: string, label: string}, close?: string}} Message
 * @param {Window} window
 * @param {(name: string, properties: object) => void} track
 * @param {{closed: (id: string) => boolean, close: (id: string) => void}} memory
 */
export function makeSlots(window, track, memory) {
  const { document } = window;
  /** @type {Map<string, Message>} */
  const waiting = new Map();

  const part = (name, text, parent) => {
    const made = document.createElement(name);
    made.textContent = text;
    parent.append(made);
    return made;
  };

  function show(message, place) {
    const facts = { message_id: message.id, slot: message.slot };
    const box = document.createElement("section");
    box.className = "homing-message";
    box.dataset.homingMessage = message.id;
    if (message.title) box.setAttribute("aria-label", part("h2", message.title, box).textContent);
    part("p", message.text, box);
    if (message.link) {
      const to = new URL(message.link.href, document.baseURI);
      if (/^https?:$/.test(to.protocol)) {
        const link = part("a", message.link.label, box);
        link.href = to.href;
        link.addEventListener("click", () => track("In-Page Message Clicked", facts));
      }
    }
    if (message.close) {
      const button = part("button", message.close, box);
      button.type = "button";
      button.addEventListener("click", () => {
        box.remove();
        memory.close(message.id);
        track("In-Page Message Closed", facts);
      });
    }
    place.replaceChildren(box);
    const eyes = new window.IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      eyes.disconnect();
      track("In-Page Message Seen", facts);
    });
    eyes.observe(box);
  }

  /** Put what waits into the slots that are there; called again when the page changes. */
  function render() {
    for (const [slot, message] of waiting) {
      const place = document.querySelector(`[data-homing-slot="${window.CSS.escape(slot)}"]`);
      if (!place) continue;
      waiting.delete(slot);
      if (!memory.closed(message.id)) show(message, place);
    }
  }

  return {
    /** @param {Message} message */
    put(message) {
      waiting.set(message.slot, message);
      render();
    },
    render,
  };
}
