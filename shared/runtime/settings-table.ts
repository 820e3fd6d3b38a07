import { type Schema, type Setting, settingsOf } from './setting.ts';

/** A schema as a Markdown table, for docs/configuration.md and `--help`. */
export function settingsTable(schema: Schema): string {
  const rows = settingsOf(schema).map((setting) => {
    const cells = [
      `\`${setting.name}\``,
      setting.type,
      shownDefault(setting),
      setting.unit,
      setting.bounds,
      setting.meaning,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| name | type | default | unit | bounds | meaning |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function shownDefault(setting: Setting<unknown>): string {
  if (setting.isSecret) return 'none (secret)';
  const shown = Array.isArray(setting.default) ? setting.default.join(',') : `${setting.default}`;
  return shown === '' ? 'none' : `\`${shown}\``;
}
