// Krippendorff's alpha for nominal labels (Krippendorff 2011, Computing Krippendorff's alpha-reliability).

// `units`: for each unit the labels its raters gave; units with fewer than two count for nothing.
// 1 is agreement, 0 what chance gives; undefined where there is nothing to compare or only one label was ever given.
export function alpha(units: string[][]): number | undefined {
  const pairable = units.filter((labels) => labels.length > 1);
  const totals = new Map<string, number>();
  let observed = 0;
  let count = 0;
  for (const labels of pairable) {
    const here = new Map<string, number>();
    for (const label of labels) here.set(label, (here.get(label) ?? 0) + 1);
    let same = 0;
    for (const [label, times] of here) {
      same += times * (times - 1);
      totals.set(label, (totals.get(label) ?? 0) + times);
    }
    observed += (labels.length * (labels.length - 1) - same) / (labels.length - 1);
    count += labels.length;
  }
  let same = 0;
  for (const times of totals.values()) same += times * (times - 1);
  const expected = count * (count - 1) - same;
  return count && expected ? 1 - ((count - 1) * observed) / expected : undefined;
}

// Between which values 95 of 100 alphas lie when the units are drawn anew; the same units always give the same.
export function interval(units: string[][], draws = 100): [number, number] | undefined {
  const pairable = units.filter((labels) => labels.length > 1);
  let seed = 1;
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const found: number[] = [];
  for (let k = 0; k < draws; k++) {
    const value = alpha(pairable.map(() => pairable[Math.floor(next() * pairable.length)]!));
    if (value !== undefined) found.push(value);
  }
  if (found.length < draws / 2) return undefined;
  found.sort((a, b) => a - b);
  return [found[Math.floor(0.025 * found.length)]!, found[Math.ceil(0.975 * found.length) - 1]!];
}
