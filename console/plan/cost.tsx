import type { Plan } from '../shapes.js';

const money = (amount: number, currency: string): string => new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: amount < 100 ? 2 : 0 }).format(amount);

/** What a cluster costs after a plan, with the date of the prices. */
export function CostView({ plan: { cost } }: { readonly plan: Plan }) {
  if (cost === null || cost === undefined) return <p class="cost faint">What this costs is not known: the price list lacks the region or a machine type.</p>;
  const { currency, monthly, monthlyAtMost, monthlyBefore, pricesAsOf, items, notCounted } = cost;
  const difference = monthlyBefore === null || monthlyBefore === monthly || monthlyBefore === 0 ? '' : `, ${money(Math.abs(monthly - monthlyBefore), currency)} ${monthly > monthlyBefore ? 'more' : 'less'} than now`;
  return <div class="cost">
    <p><strong class="amount">≈ {money(monthly, currency)}</strong> a month{difference}{monthlyAtMost > monthly && <>, up to {money(monthlyAtMost, currency)} with every pool at its most</>}. <span class="faint">List prices of <time dateTime={pricesAsOf}>{pricesAsOf}</time>, without taxes and discounts.</span></p>
    {items.length > 0 && <details>
      <summary>What is counted</summary>
      <table><caption class="unseen">Cost a month</caption>
        <thead><tr><th scope="col">What</th><th scope="col" class="number">Count</th><th scope="col" class="number">A month</th></tr></thead>
        <tbody>{items.map((item) => <tr key={item.what}><th scope="row">{item.what}</th><td class="number">{item.count}</td><td class="number">{money(item.monthly, currency)}</td></tr>)}</tbody>
      </table>
      <p class="hint">On top, by use: {notCounted.join('; ')}.</p>
    </details>}
  </div>;
}
