import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { SekishoError } from '../errors.ts';

/**
 * Reads a body as it came, byte by byte: signatures are over that (GWY-03). Compressed bodies are refused.
 *
 * @param limit Most bytes.
 * @param timeout Milliseconds all of it may take.
 * @throws SekishoError `request_too_large`, `request_timeout`, `request_malformed`; `internal` where a body parser of the
 *   host was quicker.
 */
export async function readRaw(
  req: IncomingMessage,
  res: ServerResponse,
  limit: number,
  timeout: number,
): Promise<Uint8Array> {
  if ((req as { body?: unknown }).body !== undefined || req.readableEnded) {
    throw new SekishoError('internal', 'The body was read before: mount Sekisho before body parsers');
  }
  // Said beforehand, so there is no need to take it in first.
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const parse = express.raw({ type: () => true, limit, inflate: false });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SekishoError('request_timeout', 'The body took too long')), timeout);
  });
  const read = new Promise<Uint8Array>((resolve, reject) => {
    parse(req as never, res as never, (error?: unknown) =>
      error ? reject(asSekishoError(error)) : resolve(bytesOf((req as { body?: unknown }).body)),
    );
  });
  try {
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A request without a body has none. */
const bytesOf = (body: unknown): Uint8Array => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

function asSekishoError(error: unknown): SekishoError {
  return (error as { type?: string }).type === 'entity.too.large'
    ? tooLarge()
    : new SekishoError('request_malformed', 'A webhook cannot be read');
}

const tooLarge = () => new SekishoError('request_too_large', 'A webhook is larger than any vendor sends');
