// Makes the pages more comfortable; every one of them works without it.
(() => {
  const all = (selector) => document.querySelectorAll(selector);
  const one = (selector) => document.querySelector(selector);
  const status = one('[role=status]');

  // All is done: on to what comes next, without this page in the history.
  const onward = one('#continue');
  if (onward) location.replace(onward.href);

  // Errors: the address ends in #top and the browser has moved there; this helps where it did not (A11-05).
  one('#top[tabindex]')?.focus();

  // A form goes out once, however often its button is pressed.
  addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = 'yes';
    form.querySelector('button')?.setAttribute('aria-disabled', 'true');
  });
  addEventListener('pageshow', () => {
    for (const form of all('form[data-sent]')) {
      delete form.dataset.sent;
      form.querySelector('button')?.removeAttribute('aria-disabled');
    }
  });

  // The page as it is now takes the place of what is out of date here; what is being typed stays while it is of use.
  const section = one('section.send');
  const page = section?.dataset.page; // a host's own page may do without
  const told = one('#told');
  let over = false;
  let last = Promise.resolve();
  const renew = () => {
    last = last.catch(() => {}).then(look);
    return last;
  };
  const look = async () => {
    if (!page) throw new Error('this view does not name its page');
    const answer = await fetch(page, { headers: { accept: 'text/html' } });
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (over || one('form[data-sent]')) return true;
    const from = next.querySelector('section.send');
    if (!from) return false;
    if (next.querySelector('#delivery')) renewSend(from, next.querySelector('[data-then=expire]'));
    else become(next);
    return true;
  };
  // What is in one takes the place of what is in the other, before or after the part that is kept as it is.
  const change = (old, next, kept, put) => {
    for (const part of [...old.children]) if (part !== kept) part.remove();
    old[put](...[...next.children].filter(({ id }) => id !== kept?.id));
  };
  const renewSend = (from, counter) => {
    const at = document.activeElement;
    const inside = section.contains(at) && !help?.contains(at);
    const channel = at.form?.elements.channel?.value;
    change(section, from, help, 'prepend');
    section.dataset.offer = from.dataset.offer;
    openLater(from.querySelector('#help'));
    one('[data-then=expire]')?.closest('.timer').replaceWith(counter.closest('.timer'));
    for (const fresh of [counter, ...section.querySelectorAll('[data-count]')]) count(fresh);
    if (!inside) return;
    section.tabIndex = -1;
    (section.querySelector(`[value="${channel}"] ~ button:enabled`) ?? section).focus();
  };
  // The code has expired: all of the page is another one. It is told by the focus where that was in it, else once in words.
  const become = (next) => {
    over = true;
    stop();
    const main = one('main');
    const inside = main.contains(document.activeElement);
    document.title = next.title;
    change(main, next.querySelector('main'), told, 'append');
    for (const fresh of all('[data-count]')) count(fresh);
    const heading = one('h1');
    heading.tabIndex = -1;
    if (told) told.textContent = inside ? '' : heading.textContent;
    if (inside) heading.focus();
  };

  // Countdowns. They are no live regions, so nobody hears every second; only the end of a code is told (A11-06).
  const lock = (selector, locked) => {
    for (const button of all(`${selector} button`)) button.disabled = locked;
  };
  const endings = {
    send: () => lock('[data-send]', false),
    try: () => lock('[data-try]', false),
    // The server knows when a code ends, this page only counts: it may well be told to count on.
    expire: (counter) =>
      renew().then(
        (shown) => shown || location.replace(page),
        () => {
          over = true;
          stop();
          lock('[data-try]', true);
          one('[data-count][data-then=try]')?.closest('.timer').remove();
          counter.closest('.timer').remove();
          one('[data-send] button')?.classList.replace('second', 'primary');
          status.textContent = counter.dataset.text;
        },
      ),
  };
  const count = (counter) => {
    const end = Date.now() + counter.dataset.count * 1000;
    const kind = counter.dataset.then;
    if (kind !== 'expire') lock(`[data-${kind}]`, true);
    const tick = () => {
      if (!counter.isConnected) return clearInterval(timer);
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      counter.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
      if (left > 0) return;
      clearInterval(timer);
      if (kind !== 'expire') counter.closest('.timer').remove();
      endings[kind](counter);
    };
    const timer = setInterval(tick, 1000);
    tick();
  };
  for (const counter of all('[data-count]')) count(counter);

  // WebOTP: the browser offers the code of an SMS that names this host.
  const code = one('#code');
  const waiting = code && 'OTPCredential' in window && new AbortController();
  if (waiting) {
    code.form.addEventListener('submit', () => waiting.abort());
    navigator.credentials
      .get({ otp: { transport: ['sms'] }, signal: waiting.signal })
      .then((otp) => {
        code.value = otp.code;
        if (!code.form.querySelector('button').disabled) code.form.requestSubmit();
      })
      .catch(() => {}); // refused, aborted or not possible here: the person types
  }

  // How the message gets on: told as it happens, or asked for a few times where that does not work.
  const delivery = one('#delivery');
  const help = one('#help');
  let source;
  let opening;
  // Whoever still waits after half a minute is helped.
  const openLater = (like) => {
    clearTimeout(opening);
    const open = () => {
      help.open = true;
    };
    if (like?.dataset.after > 0) opening = setTimeout(open, like.dataset.after * 1000);
  };
  openLater(help);
  const stop = () => {
    clearTimeout(opening);
    if (waiting) waiting.abort();
    source?.close();
  };

  const advise = (news) => {
    if (news.tell && news.tell !== word) (told ?? status).textContent = news.text;
    if (!help) return;
    help.open ||= news.helpOpen;
    const points = news.help.map((text) =>
      Object.assign(document.createElement('li'), { textContent: text }),
    );
    help.querySelector('ul').replaceChildren(...points);
  };
  let word;
  const show = (news) => {
    if (over) return;
    const isNew = delivery.textContent !== news.text;
    delivery.textContent = news.text;
    Object.assign(delivery.dataset, { state: news.state, tone: news.tone });
    if (isNew) advise(news);
    word = news.tell;
    if (news.fellBack || !GOING.includes(news.state)) status.textContent = '';
    if (news.follow) follow();
    if (section?.dataset.offer !== news.offer) renew().catch(() => {});
  };

  const GOING = ['sending', 'accepted', 'sent', 'ringing'];

  // The policy lets a late code go another way by itself: this page says that the time is up; the server decides.
  let following = false;
  const follow = () => {
    const form = one('#follow');
    if (!form || following) return;
    following = true;
    fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'manual' })
      .catch(() => {})
      .finally(() => {
        following = false;
      });
  };

  const ask = async (pauses) => {
    await new Promise((done) => setTimeout(done, pauses[0] * 1000));
    if (over) return;
    const answer = await fetch(waits, { headers: { accept: 'application/json' } });
    if (answer.status !== 200) return;
    const news = await answer.json();
    show(news);
    if (!news.done && pauses.length > 1) await ask(pauses.slice(1));
  };
  const askOn = () => ask([2, 3, 5, 10, 15, 20, 30, 30, 30]).catch(() => {});
  const waits = delivery?.dataset.events; // a host's own page may do without
  if (waits && 'EventSource' in window) {
    source = new EventSource(waits);
    source.onmessage = ({ data }) => show(JSON.parse(data));
    source.addEventListener('end', () => source.close());
    source.onerror = () => {
      if (source.readyState === 2) askOn(); // refused; after a mere break the browser comes again by itself
    };
  } else if (waits) askOn();

  // A password may be looked at while it is typed.
  for (const reveal of all('[data-reveal]')) {
    reveal.hidden = false;
    reveal.addEventListener('change', (event) => {
      one(`#${reveal.dataset.reveal}`).type = event.target.checked ? 'text' : 'password';
    });
  }
})();
