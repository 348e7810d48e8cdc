/** The language between two others: most published models read or write it. */
export const PIVOT = 'en';
