/**
 * Graphs whose weights are constants: inputs become initializers that lie in the caller's memory. ONNX Runtime arranges
 * constant factors of products once, when the session is made, in the order in which its kernel reads them.
 *
 * @module
 */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation as Location,
  TensorProtoSchema,
} from "onnx-buf";
import { elementSize, elementTypes, HostTensor } from "../host_tensor.ts";
import { address, cString, type OrtLibrary } from "../ort_library.ts";
import type { DeviceTensor, DeviceTensors } from "../runtime.ts";
import { fuseNodes } from "./fuse.ts";

/** Where the elements are said to lie; they are handed over beside the graph. */
const PLACE = "memory";

function declaration(name: string, { dtype, shape }: DeviceTensor): TensorProto {
  const bytes = shape.reduce((a, b) => a * b, elementSize(dtype));
  const entries = { location: PLACE, offset: "0", length: `${bytes}` };
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: elementTypes[dtype],
    dataLocation: Location.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value })
    ),
  });
}

/** A graph in which some inputs are constants. */
export interface ConstantGraph {
  /** The graph, ready to be loaded without being optimized. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** The constants that something reads. */
  readonly names: readonly string[];
}

/**
 * Turns inputs into constants. Inputs that nothing reads go; tensors that the graph has no input for are left out.
 *
 * @throws {TypeError} If the model has no graph.
 */
export function constantGraph(model: Uint8Array, tensors: DeviceTensors): ConstantGraph {
  const proto = fromBinary(ModelProtoSchema, model), { graph } = proto;
  if (!graph) throw new TypeError("Cannot load the model: it has no graph");
  const read = new Set(graph.node.flatMap(({ input }) => input));
  const declared = graph.input.flatMap(({ name }) => {
    const tensor = tensors[name];
    return tensor && read.has(name) ? [declaration(name, tensor)] : [];
  });
  graph.input = graph.input.filter(({ name }) => !Object.hasOwn(tensors, name));
  graph.initializer.push(...declared);
  const names = declared.map(({ name }) => name);
  fuseNodes(graph, new Set(names));
  return { model: toBinary(ModelProtoSchema, proto), names };
}

/**
 * Hands the elements of constants to a session's options.
 *
 * @throws {TypeError} If a tensor does not lie in this process's memory.
 */
export function addConstants(
  library: OrtLibrary,
  options: Deno.PointerValue,
  names: readonly string[],
  tensors: DeviceTensors,
): void {
  if (names.length === 0) return;
  const texts = names.map(cString);
  const values = names.map((name) => {
    const tensor = tensors[name];
    if (tensor instanceof HostTensor) return tensor.address;
    throw new TypeError(`Cannot load with the constant "${name}": it belongs to another runtime`);
  });
  library.call(
    "AddExternalInitializers",
    options,
    BigUint64Array.from(texts, address),
    BigUint64Array.from(values),
    BigInt(values.length),
  );
}
