/**
 * The fields of a profile in words, from the schema that checks them.
 *
 * @module
 */

import { isObject, type Json } from "./merge.ts";
import { profileJsonSchema } from "./profile.ts";

/** A field of a profile. */
export interface ProfileField {
  /** Where it stands, such as `training.steps`. */
  readonly path: string;
  /** What it means. */
  readonly meaning: string;
  /** What it may be; and whether it may be left out. */
  readonly values: string;
}

/** Bounds of a number; those that only say what an integer is are left out. */
function bounds(schema: Json): string {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  const said = (sign: string, value: unknown): string[] => {
    return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? [`${sign} ${value}`] : [];
  };
  return [
    ...said("≥", minimum),
    ...said(">", exclusiveMinimum),
    ...said("≤", maximum),
    ...said("<", exclusiveMaximum),
  ].join(" and ");
}

/** What a value may be. */
function valuesOf(schema: unknown): string {
  if (!isObject(schema)) return "anything";
  const { type, enum: choices, const: only, anyOf, items, prefixItems } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(", ");
  if (Array.isArray(anyOf)) return anyOf.map(valuesOf).join(" or ");
  if (type === "array") {
    if (!Array.isArray(prefixItems)) return `a list: ${valuesOf(items)}`;
    return `a list of ${prefixItems.length}: ${valuesOf(prefixItems[0])}`;
  }
  if (type === "object") {
    return isObject(schema.properties) ? `{ ${Object.keys(schema.properties).join(", ")} }` : "an object";
  }
  return [type === "string" ? "text" : `${type}`, bounds(schema)].filter(Boolean).join(" ");
}

/** The first description in a schema or its alternatives. */
function meaningOf(schema: Json): string {
  if (typeof schema.description === "string") return schema.description;
  const parts = Array.isArray(schema.anyOf) ? schema.anyOf.filter(isObject) : [];
  return parts.map(meaningOf).find((text) => text !== "") ?? "";
}

function fieldsOf(schema: Json, path: string): ProfileField[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const properties = isObject(schema.properties) ? schema.properties : {};
  return Object.entries(properties).filter(([name]) => name !== "$schema").flatMap(([name, field]) => {
    if (!isObject(field)) return [];
    const at = path === "" ? name : `${path}.${name}`;
    const values = isObject(field.properties) ? "an object" : valuesOf(field);
    const own = {
      path: at,
      meaning: meaningOf(field),
      values: required.has(name) ? values : `${values}; optional`,
    };
    return [own, ...(isObject(field.properties) ? fieldsOf(field, at) : [])];
  });
}

/** Every field of a profile, in the order of the schema; objects before what is in them. */
export function profileFields(): ProfileField[] {
  const [whole] = Array.isArray(profileJsonSchema().anyOf) ? profileJsonSchema().anyOf as unknown[] : [];
  return isObject(whole) ? fieldsOf(whole, "") : [];
}
