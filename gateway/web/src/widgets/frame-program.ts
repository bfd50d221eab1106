/** The program of the widgets' frames, a file of its own that is fetched when the first widget is shown. */
import program from '../widget-frame/main.ts?worker&url';

let loading: Promise<string> | undefined;

/** Its text; asked for again where it could not be had. */
export function frameProgram(): Promise<string> {
  loading ??= fetch(program).then((answer) => {
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.text();
  });
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}
