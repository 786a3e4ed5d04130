import type { StandIn } from './stand-in.ts';
import { createAwsStandIn } from './vendors/aws.ts';
import { createInfobipStandIn } from './vendors/infobip.ts';
import { createKannelStandIn } from './vendors/kannel.ts';
import { createKaradenStandIn } from './vendors/karaden.ts';
import { createKaradenPushStandIn } from './vendors/karaden-push.ts';
import { createMediasmsStandIn } from './vendors/mediasms.ts';
import { createMicoStandIn } from './vendors/mico.ts';
import { createSmslinkStandIn } from './vendors/smslink.ts';
import { createTMacssStandIn } from './vendors/t-macss.ts';
import { createTwilioStandIn } from './vendors/twilio.ts';
import { createVonageStandIn } from './vendors/vonage.ts';
import { createXoxzoStandIn } from './vendors/xoxzo.ts';
import { createZettaiReachStandIn } from './vendors/zettai-reach.ts';

/** A stand-in for every vendor there is a gateway for; new ones each time, for they keep state. */
export const allVendors = (): StandIn[] => [
  createAwsStandIn(),
  createInfobipStandIn(),
  createKannelStandIn(),
  createKaradenStandIn(),
  createKaradenPushStandIn(),
  createMediasmsStandIn(),
  createMicoStandIn(),
  createSmslinkStandIn(),
  createTMacssStandIn(),
  createTwilioStandIn(),
  createVonageStandIn(),
  createXoxzoStandIn(),
  createZettaiReachStandIn(),
];
