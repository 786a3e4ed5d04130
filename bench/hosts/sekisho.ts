import type { RequestListener } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import express from 'express';
import Provider, { type AdapterFactory } from 'oidc-provider';
import { createSekisho, type Gateway, type SignalFactory, type Store } from '../../src/index.ts';
import { openStore } from '../people.ts';
import { CODE_HEADER, PHONE_HEADER, type ServerSettings } from '../setting.ts';
import { type Application, passwordPage, providerConfiguration } from './application.ts';

export interface SekishoSettings extends ServerSettings {
  store?: Store;
  /** In place of the adapter of Sekisho, to tell the provider's records apart from its own. */
  adapter?: AdapterFactory;
  signals?: SignalFactory[];
  /** Milliseconds the gateway takes; none, unless given. */
  gatewayMs?: number;
}

/** The same provider and password page with the SMS step between password and login. */
export async function startSekisho(issuer: string, settings: SekishoSettings): Promise<Application> {
  const store = settings.store ?? (await openStore(settings.place));
  const codes = new Map<string, string>();
  const sekisho = await createSekisho({
    issuer,
    secrets: [settings.keys.secret],
    store,
    gateway: inbox(codes, settings.gatewayMs),
    ...(settings.signals ? { signals: settings.signals } : {}),
    countries: ['JP'],
    sends: { cooldown: [0], perNumberHour: MANY, perNumberDay: MANY, perAccountDay: MANY, perIpHour: MANY },
    trustedProxies: 1,
    production: false, // it would insist on https
    log: { info() {}, warn() {}, error() {} },
  });
  const { adapter } = settings;
  const configuration = { ...providerConfiguration(settings), ...(adapter ? { adapter } : {}) };
  const provider = new Provider(issuer, sekisho.configure(configuration));
  const app = express();
  app.use(sekisho.attach(provider));
  app.use(await passwordPage(provider, (req, res, result) => sekisho.gate(req, res, result)));
  app.use(provider.callback());
  return { listener: tellingCodes(codes, app), close: () => sekisho.close() };
}

const MANY = 1_000_000;

/** Keeps the newest code for each number. */
function inbox(codes: Map<string, string>, takes = 0): Gateway {
  return {
    name: 'inbox',
    channels: ['sms', 'voice'],
    async send({ to, text }) {
      codes.set(to, text.slice(text.lastIndexOf('#') + 1));
      if (takes > 0) await pause(takes);
      return { outcome: 'accepted' };
    },
  };
}

/** The phone of the bench: who names a number is told its newest code. */
function tellingCodes(codes: Map<string, string>, app: RequestListener): RequestListener {
  return (req, res) => {
    const code = codes.get(String(req.headers[PHONE_HEADER]));
    if (code !== undefined) res.setHeader(CODE_HEADER, code);
    app(req, res);
  };
}
