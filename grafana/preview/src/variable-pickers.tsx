import { InlineField, MultiCombobox } from '@grafana/ui';
import { useEffect, useState } from 'react';
import type { Board, Variable } from './board.ts';
import type { Picked } from './picked.ts';
import type { Span } from './queries.ts';
import { valuesOf, variablesOf } from './variables.ts';

interface PickersProps {
  readonly board: Board;
  readonly span: Span;
  readonly picked: Picked;
  readonly onPick: (name: string, values: readonly string[]) => void;
}

/** A picker for each variable of the board. */
export function VariablePickers({ board, ...props }: PickersProps) {
  return variablesOf(board).map((variable) => <Picker key={variable.name} variable={variable} {...props} />);
}

function Picker({
  variable,
  span,
  picked,
  onPick,
}: Omit<PickersProps, 'board'> & { readonly variable: Variable }) {
  const [values, setValues] = useState<readonly string[]>([]);
  useEffect(() => {
    valuesOf(variable, span, picked).then(setValues, () => setValues([]));
  }, [variable, span, picked]);
  return (
    <InlineField label={variable.label} style={{ margin: 0 }}>
      <MultiCombobox
        width="auto"
        minWidth={16}
        placeholder="All"
        options={values.map((value) => ({ label: value, value }))}
        value={[...(picked[variable.name] ?? [])]}
        onChange={(chosen) =>
          onPick(
            variable.name,
            chosen.map(({ value }) => value),
          )
        }
      />
    </InlineField>
  );
}
