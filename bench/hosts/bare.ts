import express from 'express';
import Provider from 'oidc-provider';
import type { ServerSettings } from '../setting.ts';
import { type Application, passwordPage, providerConfiguration } from './application.ts';
import { plainRedisAdapter } from './plain-redis.ts';
import { plainSqliteAdapter } from './plain-sqlite.ts';

/** A stock `oidc-provider` behind a password page. */
export async function startBare(issuer: string, settings: ServerSettings): Promise<Application> {
  const { place } = settings;
  const { adapter, close } =
    'redis' in place ? plainRedisAdapter(place.redis) : plainSqliteAdapter(place.sqlite);
  const provider = new Provider(issuer, { ...providerConfiguration(settings), adapter });
  const app = express();
  app.use(await passwordPage(provider, (req, res, result) => provider.interactionFinished(req, res, result)));
  app.use(provider.callback());
  return { listener: app, close };
}
