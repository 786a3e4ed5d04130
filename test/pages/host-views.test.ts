import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConfigurationError } from '../../src/errors.ts';
import type { Pages } from '../../src/pages/model.ts';
import { createRenderer, type Renderer } from '../../src/pages/render.ts';
import { pageModel } from '../support/pages.ts';

describe('views of the host', () => {
  let folder: string;
  const write = (files: Record<string, string>) => {
    rmSync(folder, { recursive: true, force: true });
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  const open = (files: Record<string, string>): Renderer => {
    write(files);
    return createRenderer({ views: folder });
  };
  const refused = (files: Record<string, string>, reason: RegExp) =>
    assert.throws(
      () => open(files),
      (error: unknown) =>
        error instanceof ConfigurationError &&
        error.problems[0]!.field === 'views' &&
        reason.test(error.message),
    );
  const code = (renderer: Renderer) => renderer.render('code', pageModel('ja') as never as Pages['code']);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sekisho-views-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('replace ours one by one', () => {
    const renderer = open({
      'code.ejs': "<%- include('/partials/head', { title: 'Own' }) %><h1><%= page.t('code.title') %></h1>",
    });
    assert.match(code(renderer), /<title>Own – みらい銀行<\/title>[\s\S]*<h1>認証コードの入力<\/h1>/);
    assert.match(renderer.render('signup', pageModel('ja') as never), /アカウントの新規登録/);
  });

  it('replace a part of every page, and bring parts of their own', () => {
    const renderer = open({
      'partials/foot.ejs': "<%- include('own/line') %></html>",
      'own/line.ejs': '<p>Own line</p>',
    });
    assert.match(code(renderer), /<p>Own line<\/p><\/html>/);
    assert.match(renderer.render('done', pageModel('ja') as never), /<p>Own line<\/p><\/html>/);
    assert.doesNotMatch(code(createRenderer()), /Own line/, 'another renderer keeps its own');
  });

  it('are refused at the start when they do not compile, do not run, or include what is not there', () => {
    refused({ 'code.ejs': '<% if ( %>' }, /code\.ejs does not work/);
    refused({ 'code.ejs': '<%= page.nothing.here %>' }, /code\.ejs does not work/);
    refused({ 'code.ejs': '<%= title %>' }, /code\.ejs does not work/);
    refused({ 'done.ejs': "<%- include('partials/gone') %>" }, /done\.ejs does not work/);
    refused({ 'partials/send.ejs': '<% for ( %>' }, /send\.ejs does not work/);
  });

  it('are refused when the folder is missing or replaces nothing', () => {
    assert.throws(
      () => createRenderer({ views: join(folder, 'nowhere') }),
      /nowhere cannot be read \(ENOENT\)/,
    );
    refused({ 'cod.ejs': '<p>typo</p>' }, /replaces none of our views/);
  });
});
