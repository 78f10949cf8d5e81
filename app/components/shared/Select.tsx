import type { SelectHTMLAttributes } from "react";
import { inputLook, Labelled } from "./Field.tsx";

export interface Option {
  value: string;
  label: string;
}

export function Select({
  label,
  hint,
  errors,
  isOptional,
  className,
  options,
  ...select
}: {
  label: string;
  hint?: string | undefined;
  errors?: string[] | undefined;
  isOptional?: boolean;
  options: Option[];
} & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Labelled label={label} hint={hint} errors={errors} isOptional={isOptional} className={className}>
      {(wire) => (
        <select {...wire} {...select} className={`${inputLook} h-8 touch:h-11`}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
