/** Bring a file in, step by step: choose it, see what its columns are, try it, import it. */

import { InboxOutlined } from "@ant-design/icons";
import { Alert, Button, Spin, Steps, Upload } from "antd";
import { useState } from "react";

import { api } from "../../../api/client";
import type { ImportLook, ImportOutcome } from "../../../api/types";
import { useText } from "../../../i18n";
import type { Values } from "../../../ui/SchemaForm";
import { useErrorText } from "../../../ui/States";
import { Columns } from "./Columns";
import { asMap, lacking, proposed, type Chosen } from "./mapping";
import { FormatChoice, namesSource } from "./FormatChoice";
import { DryRun } from "./Outcome";
import { Running } from "./Running";
import { SaveMapping } from "./SaveMapping";

const ACCEPTED = ".csv,.tsv,.txt,.gz,.parquet,.jsonl,.ndjson,.xlsx,.xlsm,.xlsb,.xls,.ods";
const ANY = ""; // a log may be called anything
const STEPS = ["stepFile", "stepColumns", "stepCheck", "stepImport"] as const;

function form(values: Record<string, string | File>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(values)) made.append(name, value);
  return made;
}

export function Wizard() {
  const { t } = useText();
  const errorText = useErrorText();
  const [step, setStep] = useState(0);
  const [look, setLook] = useState<ImportLook | null>(null);
  const [sheet, setSheet] = useState("");
  const [format, setFormat] = useState("");
  const [source, setSource] = useState("file");
  const [settings, setSettings] = useState<Values>({});
  const [chosen, setChosen] = useState<Chosen>({});
  const [tried, setTried] = useState<ImportOutcome | null>(null);
  const [importId, setImportId] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const kind = look?.kinds.find((one) => one.kind === look.kind);

  const ask = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const see = (values: Record<string, string | File>, name: string) =>
    ask(async () => {
      const seen = await api.post<ImportLook>("/imports/look", form(values));
      const shown = { ...seen, file: name };
      setLook(shown);
      setChosen(proposed(shown));
      setTried(null);
      setStep(1);
    });
  /** A format knows its columns: what it would do is shown at once. */
  const tryFormat = (file: File) =>
    ask(async () => {
      const said = { kind: format, source, settings: JSON.stringify(settings) };
      const seen = await api.post<ImportLook>("/imports/look", form({ file, ...said }));
      const shown = { ...seen, file: file.name };
      setLook(shown);
      setTried(
        await api.post<ImportOutcome>(
          "/imports",
          form({ upload: seen.upload, file_name: file.name, ...said, dry_run: "true" }),
        ),
      );
      setStep(2);
    });
  const again = (values: Record<string, string>) =>
    look && void see({ upload: look.upload, file_name: look.file, kind: look.kind, sheet, ...values }, look.file);
  const meant = (): Record<string, string> =>
    look && format
      ? { upload: look.upload, file_name: look.file, source, kind: format, settings: JSON.stringify(settings) }
      : look && kind
        ? {
            upload: look.upload,
            file_name: look.file,
            source,
            kind: kind.kind,
            sheet,
            map: JSON.stringify(asMap(chosen, kind)),
          }
        : {};
  const check = () =>
    ask(async () => {
      setTried(await api.post<ImportOutcome>("/imports", form({ ...meant(), dry_run: "true" })));
      setStep(2);
    });
  const go = () =>
    ask(async () => {
      const begun = await api.post<ImportOutcome>("/imports", form({ ...meant(), wait: "false" }));
      setImportId(begun.import_id);
      setStep(3);
    });
  const another = () => {
    setStep(0);
    setLook(null);
    setTried(null);
    setSheet("");
    setError(null);
  };

  return (
    <div className="stack">
      <Steps size="small" current={step} items={STEPS.map((name) => ({ title: t(`import.${name}`) }))} responsive />
      {error !== null && <Alert type="error" showIcon role="alert" title={errorText(error)} />}
      <Spin spinning={busy}>
        {step === 0 && (
          <>
            <FormatChoice
              format={format}
              settings={settings}
              source={source}
              onSource={setSource}
              onFormat={(wanted) => {
                setFormat(wanted);
                setSettings({});
              }}
              onSettings={setSettings}
            />
            <Upload.Dragger
              accept={format ? ANY : ACCEPTED}
              maxCount={1}
              showUploadList={false}
              disabled={busy || !namesSource(source)}
              beforeUpload={(file) => {
                void (format ? tryFormat(file) : see({ file }, file.name));
                return false;
              }}
            >
              <p aria-hidden className="import-mark">
                <InboxOutlined aria-hidden />
              </p>
              <p className="import-line">{t("import.drop")}</p>
              <p className="faint import-line">{t(format ? "import.dropAny" : "import.dropHelp")}</p>
            </Upload.Dragger>
          </>
        )}
        {step === 1 && look && kind && (
          <>
            <Columns
              look={look}
              kind={kind}
              chosen={chosen}
              sheet={sheet}
              onChosen={setChosen}
              onKind={(wanted) => again({ kind: wanted })}
              onSheet={(wanted) => {
                setSheet(wanted);
                again({ sheet: wanted });
              }}
            />
            <SaveMapping look={look} kind={kind} chosen={chosen} key={look.upload} />
            <div className="row gap-above">
              <Button onClick={another}>{t("import.otherFile")}</Button>
              <Button type="primary" disabled={busy || lacking(chosen, kind).length > 0} onClick={() => void check()}>
                {t("import.dry")}
              </Button>
            </div>
          </>
        )}
        {step === 2 && tried && (
          <>
            <DryRun run={tried} />
            <div className="row gap-above">
              <Button onClick={() => setStep(format ? 0 : 1)}>{t("import.back")}</Button>
              <Button type="primary" disabled={busy || tried.accepted === 0} onClick={() => void go()}>
                {t("import.go")}
              </Button>
            </div>
          </>
        )}
        {step === 3 && <Running id={importId} onAnother={another} />}
      </Spin>
    </div>
  );
}
