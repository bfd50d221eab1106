/** Jupyter counts Unicode code points, JavaScript counts UTF-16 units: pure. */

export const pointsBefore = (text: string, unit: number): number => {
  let points = 0;
  for (const _ of text.slice(0, unit)) points++;
  return points;
};

export const unitOf = (text: string, point: number): number => {
  let unit = 0;
  let left = point;
  for (const character of text) {
    if (left-- <= 0) break;
    unit += character.length;
  }
  return unit;
};
