import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react";
import { Icon } from "./Icon.tsx";

export const inputLook =
  "block w-full rounded-md border border-edge bg-surface px-2.5 text-sm touch:text-lg aria-invalid:border-failed disabled:border-line disabled:bg-well disabled:text-muted";

interface Wiring {
  label: string;
  name: string;
  hint?: string | undefined;
  /** The first sentence that says what to do is enough; more follow it. */
  errors?: string[] | undefined;
  isOptional?: boolean | undefined;
  className?: string | undefined;
}

/** A label, its hint and its error, wired to the control that `children` draws. */
export function Labelled({
  label,
  hint,
  errors,
  isOptional,
  className = "",
  children,
}: Omit<Wiring, "name"> & {
  children: (wire: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": true | undefined;
  }) => ReactNode;
}) {
  const id = useId();
  const hasError = errors !== undefined && errors.length > 0;
  const describedBy = [hint && `${id}-hint`, hasError && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {isOptional ? <span className="font-normal text-muted"> (optional)</span> : null}
      </label>
      {hint ? (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      ) : null}
      <div className="mt-1">
        {children({ id, "aria-describedby": describedBy || undefined, "aria-invalid": hasError || undefined })}
      </div>
      {hasError ? (
        <p id={`${id}-error`} className="mt-1 flex items-start gap-1.5 text-xs text-failed">
          <Icon name="failed" className="size-3.5" />
          <span>{errors.join(" ")}</span>
        </p>
      ) : null}
    </div>
  );
}

export function Field({
  label,
  hint,
  errors,
  isOptional,
  className,
  ...input
}: Wiring & Omit<InputHTMLAttributes<HTMLInputElement>, "className">) {
  return (
    <Labelled label={label} hint={hint} errors={errors} isOptional={isOptional} className={className}>
      {(wire) => <input type="text" {...wire} {...input} className={`${inputLook} h-8 touch:h-11`} />}
    </Labelled>
  );
}

export function TextArea({
  label,
  hint,
  errors,
  isOptional,
  className,
  ...area
}: Wiring & { rows?: number; defaultValue?: string | undefined; placeholder?: string; required?: boolean }) {
  return (
    <Labelled label={label} hint={hint} errors={errors} isOptional={isOptional} className={className}>
      {(wire) => <textarea rows={3} {...wire} {...area} className={`${inputLook} py-1.5`} />}
    </Labelled>
  );
}

/** A control with its label inside the border, for rows of filters. */
export function InlineSelect({
  label,
  children,
  ...select
}: { label: string; children: ReactNode } & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <div className="inline-flex h-8 min-w-0 items-center rounded-md border border-edge bg-surface text-sm touch:h-11">
      <label htmlFor={id} className="pl-2.5 text-muted">
        {label}
      </label>
      <select id={id} {...select} className="h-full min-w-0 max-w-36 rounded-md bg-surface pr-1 pl-1.5">
        {children}
      </select>
    </div>
  );
}
