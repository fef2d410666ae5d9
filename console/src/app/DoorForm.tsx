/** The form of a page before sign-in: it sends what was filled in, says what went wrong, and goes on when it is done. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form } from "antd";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";

import { useErrorText } from "../ui/States";

interface Props<T> {
  submitLabel: string;
  submit: (fields: T) => Promise<unknown>;
  next: string;
  children: ReactNode;
}

export function DoorForm<T extends object>({ submitLabel, submit, next, children }: Props<T>) {
  const errorText = useErrorText();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async (fields: T) => {
    setBusy(true);
    setError(null);
    try {
      await submit(fields);
      await client.invalidateQueries({ queryKey: ["session"] });
      await navigate(next, { replace: true });
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {error !== null && <Alert className="gap-below" type="error" showIcon title={errorText(error)} role="alert" />}
      <Form<T> layout="vertical" requiredMark={false} onFinish={(fields) => void send(fields)}>
        {children}
        <Button type="primary" htmlType="submit" size="large" block loading={busy}>
          {submitLabel}
        </Button>
      </Form>
    </>
  );
}
