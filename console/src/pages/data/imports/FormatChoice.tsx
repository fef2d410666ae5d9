/** What the file is: a table, whose columns are looked at, or a format that knows what its lines mean. */

import { Form, Select } from "antd";

import { useFormats } from "../../../api/formats";
import { useText } from "../../../i18n";
import { SchemaForm, type Values } from "../../../ui/SchemaForm";

interface Props {
  format: string;
  settings: Values;
  onFormat: (format: string) => void;
  onSettings: (settings: Values) => void;
}

export function FormatChoice({ format, settings, onFormat, onSettings }: Props) {
  const { t, bi } = useText();
  const found = useFormats().data?.items ?? [];
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
      {known && <SchemaForm key={format} schema={known.json_schema} value={settings} onChange={onSettings} />}
    </Form>
  );
}
