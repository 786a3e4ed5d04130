/** One block of an event stream: an event with its data, or a comment. */
export interface Block {
  event: string;
  data: string;
  comment: string;
}

/** Server-sent events as they come. */
export interface EventStream {
  /** The next block that says something; undefined when the stream has ended. */
  next(): Promise<Block | undefined>;
  /** The data of the next message, as an object; fails at the end of the stream. */
  news(): Promise<Record<string, unknown>>;
  /** Everything until the end. */
  rest(): Promise<Block[]>;
  close(): Promise<void>;
}

export function readEvents(response: Response): EventStream {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<Block | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = parse(text.slice(0, end));
        text = text.slice(end + 2);
        if (block) return block;
        continue;
      }
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) return undefined;
      text += value;
    }
  };
  return {
    next,
    async news() {
      const block = await next();
      if (block?.event !== 'message') throw new Error(`no news but ${JSON.stringify(block)}`);
      return JSON.parse(block.data) as Record<string, unknown>;
    },
    async rest() {
      const blocks: Block[] = [];
      for (let block = await next(); block; block = await next()) blocks.push(block);
      return blocks;
    },
    close: () => reader.cancel(),
  };
}

function parse(text: string): Block | undefined {
  const block = { event: 'message', data: '', comment: '' };
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^(\w*): ?(.*)$/.exec(line) ?? [];
    if (name === '') block.comment += value;
    else if (name === 'event') block.event = value;
    else if (name === 'data') block.data += value;
  }
  return block.data !== '' || block.comment !== '' ? block : undefined;
}
