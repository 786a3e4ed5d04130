export { ConfigurationError, ERROR_CODES, type ErrorCode, type Problem, SekishoError } from './errors.ts';
export type { EventKind, Purpose, SekishoEvent } from './events.ts';
export type { AddedFactors, AddFactors } from './oidc/add-factors.ts';
export type { Gate, GateResult, GateSettings } from './oidc/gate.ts';
export type { HostFactor, HostMethod } from './oidc/host-factors.ts';
export type { Log, SekishoOptions, StoreIdentity } from './options.ts';
export type {
  CodePage,
  DonePage,
  NumberPage,
  PageBase,
  PageError,
  ProblemPage,
  SignUpPage,
} from './pages/model.ts';
export type { Router } from './pages/router.ts';
export type * from './ports/accounts.ts';
export type * from './ports/clock.ts';
export type * from './ports/gateway.ts';
export type * from './ports/notifier.ts';
export type * from './ports/signal.ts';
export * from './ports/store.ts';
export type { Health } from './sekisho/health.ts';
export type { AccountState } from './sekisho.ts';
export { createSekisho, type Sekisho } from './sekisho.ts';
