import type { z } from 'zod';

/**
 * A sender of a vendor that reaches several countries: a number is written with its own. Names, short codes, 0005 and the
 * service numbers of Japan (0120, 0570, 0800, 0990), which are shown as they are, stay what they are.
 *
 * @param example How the vendor wants a number written.
 */
export const withCountry = <S extends z.ZodType<string>>(schema: S, example = '+815012345678'): S =>
  schema.refine((sender) => !isNational(sender), {
    error: 'is a number without its country, which networks elsewhere cannot read',
    params: { fix: `Write the country in place of the 0 it begins with, such as ${example}` },
  });

const isNational = (sender: string): boolean =>
  /^0[1-9]\d{8,10}$/.test(sender.replace(/[ ().-]/g, '')) && !/^0(120|570|800|990)/.test(sender);
