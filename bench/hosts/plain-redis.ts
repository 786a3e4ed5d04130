import { Redis } from 'ioredis';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

const CONSUMED = new Set([
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
]);
const GRANTED = new Set([...CONSUMED, 'AccessToken']);

/**
 * What a team would write first: the same commands as the Redis example of `oidc-provider`, on a client with default
 * options.
 */
export function plainRedisAdapter(url: string): { adapter: AdapterFactory; close(): Promise<void> } {
  const redis = new Redis(url, { keyPrefix: 'oidc:' });
  return {
    adapter: (model) => ({ ...writing(redis, model), ...reading(redis, model) }),
    close: async () => void (await redis.quit()),
  };
}

const grantKey = (id: string) => `grant:${id}`;
const uidKey = (id: string) => `uid:${id}`;
const userCodeKey = (code: string) => `userCode:${code}`;

function writing(
  redis: Redis,
  model: string,
): Pick<Adapter, 'upsert' | 'destroy' | 'consume' | 'revokeByGrantId'> {
  const name = (id: string) => `${model}:${id}`;
  return {
    async upsert(id, payload, expiresIn = 0) {
      const steps = redis.multi();
      const text = JSON.stringify(payload);
      if (CONSUMED.has(model)) steps.hset(name(id), { payload: text });
      else steps.set(name(id), text);
      if (expiresIn > 0) steps.expire(name(id), expiresIn);
      if (GRANTED.has(model) && payload.grantId) {
        const list = grantKey(payload.grantId);
        steps.rpush(list, name(id));
        if (expiresIn > (await redis.ttl(list))) steps.expire(list, expiresIn);
      }
      if (payload.userCode)
        steps.set(userCodeKey(payload.userCode), id).expire(userCodeKey(payload.userCode), expiresIn);
      if (payload.uid) steps.set(uidKey(payload.uid), id).expire(uidKey(payload.uid), expiresIn);
      await steps.exec();
    },
    destroy: async (id) => void (await redis.del(name(id))),
    consume: async (id) => void (await redis.hset(name(id), 'consumed', Math.floor(Date.now() / 1000))),
    async revokeByGrantId(grantId) {
      const list = grantKey(grantId);
      const names = await redis.lrange(list, 0, -1);
      const steps = redis.multi();
      for (const each of names) steps.del(each);
      await steps.del(list).exec();
    },
  };
}

function reading(redis: Redis, model: string): Pick<Adapter, 'find' | 'findByUid' | 'findByUserCode'> {
  const find = async (id: string): Promise<AdapterPayload | undefined> => {
    const name = `${model}:${id}`;
    if (!CONSUMED.has(model)) {
      const text = await redis.get(name);
      return text === null ? undefined : JSON.parse(text);
    }
    const { payload, ...rest } = await redis.hgetall(name);
    return payload === undefined ? undefined : { ...rest, ...JSON.parse(payload) };
  };
  const behind = async (name: string) => {
    const id = await redis.get(name);
    return id === null ? undefined : find(id);
  };
  return {
    find,
    findByUid: (uid) => behind(uidKey(uid)),
    findByUserCode: (code) => behind(userCodeKey(code)),
  };
}
