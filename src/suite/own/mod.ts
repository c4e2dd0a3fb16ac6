/**
 * Files of one's own as suites: which column holds the question and which the answer, in which layout, and multiple
 * choice.
 *
 * @module
 */

export {
  type DataFiles,
  dataFiles,
  type DataHub,
  findData,
  type WantedData,
  wantedData,
} from "./hub_data.ts";
export { loadHubData, loadOwn } from "./load_own.ts";
