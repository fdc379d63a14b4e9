import { Diagnostic, DiagnosticSeverity, EventEmitter, languages, Range, Uri } from 'vscode';
import type { EngineClient } from '../engine/client.ts';
import type { EditorFinding, FileFindings, Place } from '../engine/protocol.ts';
import type { Severity } from '../../core/rules/rule.ts';
import { Owner } from '../lifecycle.ts';
import { onDidChangeSurface, surfaceIsOn } from '../settings.ts';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** The latest findings of each file, and their diagnostics. */
export class FindingStore extends Owner {
  readonly #files = new Map<string, FileFindings>();
  readonly #diagnostics = this._register(languages.createDiagnosticCollection('lockkeeper'));
  readonly #changed = this._register(new EventEmitter<undefined>());

  readonly onDidChange = this.#changed.event;

  constructor(engine: EngineClient) {
    super();
    this._register(
      engine.onFindings((files) => {
        for (const file of files) {
          if (file.findings.length === 0) this.#files.delete(file.path);
          else this.#files.set(file.path, file);
          this.#publish(file);
        }
        this.#changed.fire(undefined);
      }),
    );
    this._register(
      onDidChangeSurface(() => {
        for (const file of this.#files.values()) this.#publish(file);
      }),
    );
  }

  of(path: string): readonly EditorFinding[] {
    return this.#files.get(path)?.findings ?? [];
  }

  #publish({ path, findings }: FileFindings): void {
    const uri = Uri.file(path);
    const shown = surfaceIsOn('diagnostics', uri) ? findings : [];
    this.#diagnostics.set(uri, shown.map(toDiagnostic));
  }
}

/** The finding as the editor shows it; its code leads to the rule's page. */
export function toDiagnostic(finding: EditorFinding): Diagnostic {
  const diagnostic = new Diagnostic(toRange(finding.place), finding.message, SEVERITIES[finding.severity]);
  diagnostic.source = 'lockkeeper';
  diagnostic.code = { value: finding.rule, target: rulePage(finding.rule) };
  return diagnostic;
}

/** A link that shows the rule's page. */
export function rulePage(rule: string): Uri {
  return Uri.parse(`command:lockkeeper.showRule?${encodeURIComponent(JSON.stringify([rule]))}`);
}

export function toRange(place: Place): Range {
  return new Range(place.startLine, place.startColumn, place.endLine, place.endColumn);
}

export function toPlace({ start, end }: Range): Place {
  return { startLine: start.line, startColumn: start.character, endLine: end.line, endColumn: end.character };
}
