/**
 * Signs a report about internal policies.
 *
 * @module
 */

import type { SigningKey } from "../keys/mod.ts";
import { parseAs } from "../record/mod.ts";
import {
  INSPECTION_TYPE,
  type InspectionStatement,
  inspectionStatementFiles,
  inspectionStatementSchema,
  type ReportFacts,
  type SignedReport,
  STATEMENT_TYPE,
} from "../statement/mod.ts";
import { digestFiles, writeSigned } from "./signed_files.ts";

/**
 * Signs every file of a report's folder in one statement, `inspect.intoto.json`, and the same as a Sigstore bundle.
 *
 * @returns The signed statement.
 * @throws {TypeError} If something in the folder is no plain file, or the facts do not fit the schema.
 */
export async function signInspection(
  directory: string,
  report: SignedReport,
  facts: ReportFacts,
  key: SigningKey,
): Promise<InspectionStatement> {
  const subject = await digestFiles(directory, Object.values(inspectionStatementFiles));
  const statement = parseAs(inspectionStatementSchema, {
    _type: STATEMENT_TYPE,
    subject,
    predicateType: INSPECTION_TYPE,
    predicate: { ...report, ...facts },
  }, `Cannot sign ${directory}`);
  await writeSigned(directory, inspectionStatementFiles, statement, key);
  return statement;
}
