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

  // Countdowns. They are no live regions, so nobody hears every second; only the end of a code is told (A11-06).
  const lock = (selector, locked) => {
    for (const button of all(`${selector} button`)) button.disabled = locked;
  };
  const endings = {
    send: () => lock('[data-send]', false),
    try: () => lock('[data-try]', false),
    expire: (counter) => {
      lock('[data-try]', true);
      one('[data-count][data-then=try]')?.closest('.timer').remove();
      one('[data-send] button')?.classList.replace('second', 'primary');
      status.textContent = counter.dataset.text;
    },
  };
  for (const counter of all('[data-count]')) {
    const end = Date.now() + counter.dataset.count * 1000;
    const kind = counter.dataset.then;
    if (kind !== 'expire') lock(`[data-${kind}]`, true);
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      counter.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
      if (left > 0) return;
      clearInterval(timer);
      counter.closest('.timer').remove();
      endings[kind](counter);
    };
    const timer = setInterval(tick, 1000);
    tick();
  }

  // WebOTP: the browser offers the code of an SMS that names this host.
  const code = one('#code');
  if (code && 'OTPCredential' in window) {
    const waiting = new AbortController();
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
  let told;
  const show = (news) => {
    const isNew = delivery.textContent !== news.text;
    delivery.textContent = news.text;
    Object.assign(delivery.dataset, { state: news.state, tone: news.tone });
    if (isNew && help) {
      help.open ||= news.helpOpen;
      const points = news.help.map((text) =>
        Object.assign(document.createElement('li'), { textContent: text }),
      );
      help.querySelector('ul').replaceChildren(...points);
    }
    if (isNew && news.tell && news.tell !== told) (one('#told') ?? status).textContent = news.text;
    told = news.tell;
    if (news.tone === 'bad') status.textContent = '';
    if (news.follow) follow();
  };

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
    const answer = await fetch(waits, { headers: { accept: 'application/json' } });
    if (answer.status !== 200) return;
    const news = await answer.json();
    show(news);
    if (!news.done && pauses.length > 1) await ask(pauses.slice(1));
  };
  const askOn = () => ask([2, 3, 5, 10, 15, 20, 30, 30, 30]).catch(() => {});
  const waits = delivery?.dataset.events; // a host's own page may do without
  if (waits && 'EventSource' in window) {
    const source = new EventSource(waits);
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
