/** Loading, empty and broken: every page says which it is, and what to do. */

import { Alert, Button, Empty, Skeleton } from "antd";
import type { ReactNode } from "react";

import { ApiError } from "../api/client";
import { useText } from "../i18n";

/** A sentence for an error: known codes in the reader's language, then what the server said. */
export function useErrorText() {
  const { t, language } = useText();
  return (error: unknown): string => {
    if (!(error instanceof ApiError)) return error instanceof Error ? error.message : t("error.unknown");
    const known = t(`error.${error.code}`, { defaultValue: "" });
    if (error.code === "unreachable" || !error.message) return known || t("error.unknown");
    return known ? `${known}${language === "zh" ? "" : " "}${error.message}` : error.message;
  };
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useText();
  const errorText = useErrorText();
  return (
    <Alert
      className="failure"
      type="error"
      showIcon
      role="alert"
      title={t("state.failed")}
      description={errorText(error)}
      action={retry && <Button onClick={retry}>{t("state.retry")}</Button>}
    />
  );
}

export function Nothing({ title, help, action }: { title: string; help?: ReactNode; action?: ReactNode }) {
  return (
    <Empty
      className="nothing"
      image={<EmptyMark />}
      styles={{ image: { height: 56 } }}
      description={
        <>
          <span className="nothing-title">{title}</span>
          {help && <span className="nothing-help">{help}</span>}
        </>
      }
    >
      {action}
    </Empty>
  );
}

function EmptyMark() {
  return (
    <svg width="72" height="56" viewBox="0 0 72 56" aria-hidden="true">
      <circle cx="36" cy="30" r="22" fill="none" stroke="#d5dcd8" strokeWidth="2" strokeDasharray="3 5" />
      <path d="M58 8 33 22l6 3.4 2.8 6z" fill="#e0a13c" opacity="0.75" />
    </svg>
  );
}

export interface Answer<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** One question and its three outcomes. A stale answer stays on screen while a newer one fails. */
export function Asked<T>({
  answer,
  rows = 4,
  children,
}: {
  answer: Answer<T>;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  if (answer.data !== undefined) return <>{children(answer.data)}</>;
  if (answer.error) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  return <Skeleton active paragraph={{ rows }} />;
}
