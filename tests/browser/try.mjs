import { Host } from './host.mjs';
import { Stage } from './stage.mjs';
const host = await Host.start();
const stage = await Stage.open({ server: host });
const out = process.argv[2] ?? 'one';
try {
  const w = await stage.window(host.person('nora'));
  w.page.on('console', (m) => console.log('console:', m.text()));
  w.page.on('pageerror', (e) => console.log('error:', e.stack));
  w.page.on('requestfailed', (r) => console.log('failed', r.url()));
  w.page.on('response', (r) => { if (r.status() >= 400) console.log(r.status(), r.url()); });
  await host.act('post', { user: 'ben', text: 'Has anybody pruned roses in **November**?' });
  await host.act('post', { user: 'mia', text: 'Yes. @nora knows it best, `secateurs` first:\n\n- clean\n- cut above a bud' });
  await host.act('post', { text: 'The topic “How do I prune roses?” was opened.' });
  await w.page.goto('/page?rooms=lobby');
  await new Promise((r) => setTimeout(r, 2500));
  const box = w.page.getByRole('textbox', { name: /Message to/ });
  await box.fill('Wait until it freezes.'); await box.press('Enter');
  await box.fill('And then cut them low.'); await box.press('Enter');
  await new Promise((r) => setTimeout(r, 800));
  await w.page.screenshot({ path: `tests/out/${out}.png`, fullPage: true });
} finally { await stage.clear().catch((e) => console.log(e)); await stage.close(); console.log(host.output); }
