/** The name of a person as it is compared: `Ada`, `ADA` and `ａｄａ` are one name, so that nobody poses as another. */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase();
