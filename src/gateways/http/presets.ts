import type { Preset } from './presets/define.ts';
import { kannel } from './presets/kannel.ts';
import { karadenPush } from './presets/karaden-push.ts';
import { mediasms } from './presets/mediasms.ts';
import { mico } from './presets/mico.ts';
import { smslink } from './presets/smslink.ts';
import { tMacss } from './presets/t-macss.ts';
import { xoxzo } from './presets/xoxzo.ts';

/** Every preset, by the name that `preset` takes. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  'karaden-push': karadenPush,
  smslink,
  't-macss': tMacss,
  mico,
  mediasms,
  xoxzo,
  kannel,
};
