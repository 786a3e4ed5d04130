import type { z } from 'zod';
import type { GatewayFinding } from '../../../ports/gateway.ts';

/** A specification that is known beforehand, in part or in whole, with the inputs that only the operator has. */
export interface Preset {
  /** Fields beside the settings of the gateway. */
  readonly inputs: z.ZodRawShape;
  /** The settings that follow from the inputs. What the operator sets as well overrides them. */
  build(inputs: Record<string, unknown>): Tree;
  /** What no public document says, so that the contract documents of the vendor have to. */
  readonly contract?: readonly ContractField[];
  /** What an operator must know. */
  readonly finding?: GatewayFinding;
}

/** A field that is filled in from the vendor's contract documents. */
export interface ContractField {
  /** Places in the settings; one of them is enough. */
  fields: readonly string[];
  /** What to look for in the documents. */
  fix: string;
}

/** Settings before they were checked. */
export type Tree = { [name: string]: unknown };

/** Ties the inputs of a preset to what it makes of them. */
export const definePreset = <S extends z.ZodRawShape>(
  inputs: S,
  build: (inputs: z.output<z.ZodObject<S>>) => Tree,
  more: Pick<Preset, 'contract' | 'finding'> = {},
): Preset => ({ inputs, build: build as Preset['build'], ...more });
