/** What the file is: a table, whose columns are looked at, or a format that knows what its lines mean. */

import { AutoComplete, Form, Select } from "antd";

import { useFormats } from "../../../api/formats";
import { useLinkSources } from "../../../api/linkage";
import { useText } from "../../../i18n";
import { SchemaForm, type Values } from "../../../ui/SchemaForm";

interface Props {
  format: string;
  settings: Values;
  /** Whose data it is: the id of a system, not of a file. */
  source: string;
  onFormat: (format: string) => void;
  onSettings: (settings: Values) => void;
  onSource: (source: string) => void;
}

/** What the server takes as the id of a source. */
export const namesSource = (text: string) => /^[\p{L}\p{N}_.-]{1,64}$/u.test(text);

export function FormatChoice({ format, settings, source, onFormat, onSettings, onSource }: Props) {
  const { t, bi } = useText();
  const found = useFormats().data?.items ?? [];
  const sources = useLinkSources().data?.items ?? [];
  const known = found.find((one) => one.format === format);
  return (
    <Form layout="vertical" component="div" className="gap-below">
      <Form.Item
        label={t("import.format")}
        htmlFor="import-format"
        extra={known ? bi(known.about) : t("import.formatHelp")}
      >
        <Select
          id="import-format"
          value={format}
          onChange={onFormat}
          popupMatchSelectWidth={false}
          options={[
            { value: "", label: t("import.formatTable") },
            ...found.map((one) => ({ value: one.format, label: bi(one.title) })),
          ]}
        />
      </Form.Item>
      <Form.Item
        label={t("import.source")}
        htmlFor="import-source"
        extra={t("import.sourceHelp")}
        {...(namesSource(source) ? {} : { validateStatus: "error" as const, help: t("import.sourceWrong") })}
      >
        <AutoComplete
          id="import-source"
          value={source}
          onChange={onSource}
          showSearch={{ filterOption: (typed, option) => String(option?.value).includes(typed) }}
          options={sources.map((one) => ({ value: one }))}
        />
      </Form.Item>
      {known && <SchemaForm key={format} schema={known.json_schema} value={settings} onChange={onSettings} />}
    </Form>
  );
}
