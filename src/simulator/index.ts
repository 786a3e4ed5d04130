export { readScenario, type Scenario } from './scenario.ts';
export { type MessageFilter, type Simulator, type SimulatorSettings, startSimulator } from './simulator.ts';
export * from './stand-in.ts';
export { allVendors } from './vendors.ts';
