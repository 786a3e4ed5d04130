import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { SekishoError } from '../errors.ts';

/** The fields of a form, each sent exactly once. Has no prototype, so no field name means anything (WEB-13). */
export type Form = Readonly<Record<string, string>>;

const MOST_BYTES = 16_384;
const MOST_FIELDS = 20;
const parse = express.urlencoded({ extended: false, limit: MOST_BYTES, parameterLimit: MOST_FIELDS });

/**
 * Reads a form body: urlencoded, at most 16 KiB and 20 fields, no field twice, within `timeout` milliseconds (WEB-12,
 * WEB-13, lesson 13). A body that a parser of the host has read already is taken as it is, and checked the same way.
 *
 * @throws SekishoError `media_type`, `request_too_large`, `request_timeout`, `request_malformed`.
 */
export async function readForm(req: IncomingMessage, res: ServerResponse, timeout: number): Promise<Form> {
  const type = String(req.headers['content-type'] ?? '')
    .split(';')[0]!
    .trim()
    .toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new SekishoError('media_type', 'Forms are sent as application/x-www-form-urlencoded');
  }
  const given = (req as { body?: unknown }).body;
  if (given === undefined && req.readableEnded) {
    throw new SekishoError('internal', 'The body was read before: mount Sekisho before body parsers');
  }
  return checkFields(given ?? (await readBody(req, res, timeout)));
}

async function readBody(req: IncomingMessage, res: ServerResponse, timeout: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SekishoError('request_timeout', 'The body took too long')), timeout);
  });
  const read = new Promise<unknown>((resolve, reject) => {
    parse(req as never, res as never, (error?: unknown) =>
      error ? reject(asSekishoError(error)) : resolve((req as { body?: unknown }).body ?? {}),
    );
  });
  try {
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}

function asSekishoError(error: unknown): SekishoError {
  const { type, status } = error as { type?: string; status?: number };
  if (type === 'entity.too.large' || type === 'parameters.too.many') {
    return new SekishoError(
      'request_too_large',
      `A form has at most ${MOST_BYTES} bytes and ${MOST_FIELDS} fields`,
    );
  }
  return new SekishoError(status === 415 ? 'media_type' : 'request_malformed', 'The form cannot be read');
}

function checkFields(body: unknown): Form {
  const entries = Object.entries(body as Record<string, unknown>);
  const form = Object.create(null) as Record<string, string>;
  for (const [name, value] of entries) {
    if (typeof value !== 'string' || !/^[a-z]{1,20}$/.test(name)) {
      throw new SekishoError('request_malformed', 'A field came twice, or is none of ours');
    }
    form[name] = value;
  }
  return form;
}
