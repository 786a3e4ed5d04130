import type { IncomingHttpHeaders } from 'node:http';
import type { Agent, Dispatcher } from 'undici';
import type { HttpAnswer, HttpCall, Transported } from './client.ts';

/** An answer is cut off there; what the vendor did with the message is not known then. */
const MOST_BYTES = 262_144;

/**
 * One request and its answer. Drives undici without its own promise, because only the dispatcher says when a request
 * begins to be written: before that nothing can have arrived, after that anything can (GWY-02).
 *
 * @param totalTimeout Milliseconds for all of it, the body of the answer included.
 */
export function exchange(agent: Agent, call: HttpCall, totalTimeout: number): Promise<Transported> {
  return new Promise((resolve) => {
    const state: State = { chunks: [], size: 0, status: 0, headers: {} };
    const end = (transported: Transported) => {
      if (state.ended) return;
      state.ended = true;
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', aborted);
      resolve(transported);
    };
    const fail = (code: string) => {
      end({ sent: state.controller ? 'maybe' : 'never', code });
      state.controller?.abort(new Error(code));
    };
    const aborted = () => fail(isTimeout(call.signal?.reason) ? 'timeout' : 'aborted');
    const timer = setTimeout(() => fail('timeout'), totalTimeout);
    if (call.signal?.aborted) return aborted();
    call.signal?.addEventListener('abort', aborted, { once: true });
    try {
      agent.dispatch(requestOf(call), handlerOf(state, end, fail));
    } catch (error) {
      fail(codeOf(error));
    }
  });
}

interface State {
  /** There as soon as the request is about to be written. */
  controller?: Dispatcher.DispatchController;
  chunks: Buffer[];
  size: number;
  status: number;
  headers: IncomingHttpHeaders;
  ended?: boolean;
}

function requestOf({ url, method, headers, body }: HttpCall): Dispatcher.DispatchOptions {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search, method, headers: headers ?? {}, body: body ?? null };
}

function handlerOf(
  state: State,
  end: (transported: Transported) => void,
  fail: (code: string) => void,
): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      // Given up while it waited for a connection; or about to be written again, on another connection than the first.
      if (state.ended || state.controller) controller.abort(new Error('given up'));
      else state.controller = controller;
    },
    onResponseStart(_, status, headers) {
      Object.assign(state, { status, headers });
    },
    onResponseData(_, chunk) {
      state.size += chunk.length;
      if (state.size > MOST_BYTES) fail('answer_too_large');
      else state.chunks.push(chunk);
    },
    onResponseEnd() {
      end({ sent: 'answered', answer: answerOf(state) });
    },
    onResponseError(_, error) {
      fail(codeOf(error));
    },
  };
}

function answerOf({ status, headers, chunks }: State): HttpAnswer {
  const text = Buffer.concat(chunks).toString('utf8');
  return { status, headers: flat(headers), text, json: () => parse(text) };
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const flat = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? (value[0] ?? '') : value]],
    ),
  );

const isTimeout = (reason: unknown): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError';

/** A word for logs; never the message, which may quote the address and what stands in it (LOG-02). */
function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return String(typeof code === 'string' ? code : name)
    .replace(/[^\w.-]/g, '')
    .slice(0, 40);
}
