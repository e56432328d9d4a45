import "../settings/fields.ts";
