// New messages as they come, codes that are copied with one press, calls that speak.
(() => {
  const one = (selector) => document.querySelector(selector);
  const list = one('ol');
  const live = one('.live');
  const told = one('.told');
  let forgetting;

  /** Makes what came with the page, or came later, work. */
  const enliven = (item) => {
    for (const button of item.querySelectorAll('[data-copy]')) {
      button.hidden = !navigator.clipboard;
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(button.dataset.copy);
        // Not in the button: it stands in the log, where every change is read out.
        told.textContent = told.dataset.copied;
        clearTimeout(forgetting);
        forgetting = setTimeout(() => {
          told.textContent = '';
        }, 2500);
      });
    }
    const call = item.querySelector('details');
    if (!call) return;
    const words = call.querySelector('.text');
    const speak = () => {
      if (!('speechSynthesis' in window)) return;
      speechSynthesis.cancel();
      if (!call.open) return;
      const voice = new SpeechSynthesisUtterance(words.textContent);
      voice.lang = words.lang;
      voice.rate = 0.85;
      speechSynthesis.speak(voice);
    };
    const again = call.querySelector('[data-speak]');
    again.hidden = !('speechSynthesis' in window);
    again.addEventListener('click', speak);
    call.addEventListener('toggle', () => {
      delete call.dataset.rings;
      speak();
    });
    if (call.dataset.rings) setTimeout(() => delete call.dataset.rings, call.dataset.rings);
  };

  /** Looks at the page again and takes over what is new; answered calls stay as they are. */
  const refresh = async () => {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const arrived = [...page.querySelectorAll('ol > li')];
    const there = new Map([...list.children].map((item) => [item.dataset.id, item]));
    for (const item of arrived.reverse()) {
      if (there.delete(item.dataset.id)) continue;
      const fresh = document.adoptNode(item);
      fresh.classList.add('fresh');
      list.prepend(fresh);
      enliven(fresh);
    }
    for (const gone of there.values()) gone.remove();
  };

  for (const item of list.children) enliven(item);
  if (!('EventSource' in window)) return;
  const show = (connected) => {
    live.textContent = connected ? live.dataset.live : live.dataset.offline;
    live.classList.toggle('on', connected);
    one('.reload').hidden = connected;
  };
  const events = new EventSource(location.href);
  events.onopen = () => {
    show(true);
    refresh().catch(() => {});
  };
  events.onerror = () => show(false);
  for (const news of ['message', 'clear'])
    events.addEventListener(news, () => refresh().catch(() => show(false)));
})();
